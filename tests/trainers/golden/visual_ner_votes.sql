SELECT *,
aggregate(
transform(visual_embeddings, (e, i) ->
named_struct('begins', i = 0 OR e.metadata['sentence'] != get(visual_embeddings, i - 1).metadata['sentence'], 'x', array(1.0D * ln(greatest(0.0001D, nanvl(coalesce(double(get(a, i).metadata['O']), 0D), 0D))) + 2.0D * ln(greatest(0.0001D, nanvl(coalesce(double(get(b, i).metadata['O']), 0D), 0D))), 1.0D * ln(greatest(0.0001D, nanvl(coalesce(double(get(a, i).metadata['B-a']), 0D), 0D))) + 2.0D * ln(greatest(0.0001D, nanvl(coalesce(double(get(b, i).metadata['B-a']), 0D), 0D))), 1.0D * ln(greatest(0.0001D, nanvl(coalesce(double(get(a, i).metadata['I-a']), 0D), 0D))) + 2.0D * ln(greatest(0.0001D, nanvl(coalesce(double(get(b, i).metadata['I-a']), 0D), 0D))), 1.0D * ln(greatest(0.0001D, nanvl(coalesce(double(get(a, i).metadata['B-it\'s']), 0D), 0D))) + 2.0D * ln(greatest(0.0001D, nanvl(coalesce(double(get(b, i).metadata['B-it\'s']), 0D), 0D))), 1.0D * ln(greatest(0.0001D, nanvl(coalesce(double(get(a, i).metadata['I-it\'s']), 0D), 0D))) + 2.0D * ln(greatest(0.0001D, nanvl(coalesce(double(get(b, i).metadata['I-it\'s']), 0D), 0D)))))), array(
named_struct('s', 0D, 'p', ''),
named_struct('s', 0D, 'p', ''),
named_struct('s', 0D, 'p', ''),
named_struct('s', 0D, 'p', ''),
named_struct('s', 0D, 'p', '')), (best, t) -> array(
transform(array(array_max(best)), b ->
named_struct('s', b.s + t.x[0], 'p', concat(b.p, '0')))[0],
transform(array(array_max(best)), b ->
named_struct('s', b.s + t.x[1], 'p', concat(b.p, '1')))[0],
transform(array(array_max(array(
named_struct('s', best[1].s + if(t.begins, -1e9D, 0.0000D), 'p', best[1].p),
named_struct('s', best[2].s + if(t.begins, -1e9D, 0.0000D), 'p', best[2].p)))), b ->
named_struct('s', b.s + t.x[2], 'p', concat(b.p, '2')))[0],
transform(array(array_max(best)), b ->
named_struct('s', b.s + t.x[3], 'p', concat(b.p, '3')))[0],
transform(array(array_max(array(
named_struct('s', best[3].s + if(t.begins, -1e9D, 0.0000D), 'p', best[3].p),
named_struct('s', best[4].s + if(t.begins, -1e9D, 0.0000D), 'p', best[4].p)))), b ->
named_struct('s', b.s + t.x[4], 'p', concat(b.p, '4')))[0]), best -> array_max(best).p) AS tag_path FROM __THIS__

SELECT *, a AS ner FROM __THIS__ WHERE false UNION ALL SELECT *,
transform(visual_embeddings, (e, i) ->
named_struct('annotatorType', 'named_entity', 'begin', e.begin, 'end', e.end, 'result', get(array('O', 'B-a', 'I-a', 'B-it\'s', 'I-it\'s'), ascii(substring(tag_path, i + 1, 1)) - 48), 'metadata', map('word', e.result, 'confidence', string(round(exp((1.0D * ln(greatest(0.0001D, nanvl(coalesce(double(get(a, i).metadata[get(array('O', 'B-a', 'I-a', 'B-it\'s', 'I-it\'s'), ascii(substring(tag_path, i + 1, 1)) - 48)]), 0D), 0D))) + 2.0D * ln(greatest(0.0001D, nanvl(coalesce(double(get(b, i).metadata[get(array('O', 'B-a', 'I-a', 'B-it\'s', 'I-it\'s'), ascii(substring(tag_path, i + 1, 1)) - 48)]), 0D), 0D)))) / 3.0D), 4)), 'sentence', e.metadata['sentence']), 'embeddings', cast(array() AS array<float>))) AS ner FROM __THIS__
