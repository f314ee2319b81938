SELECT *,
aggregate(
transform(visual_embeddings, (e, i) ->
named_struct('begins', i = 0 OR e.metadata['sentence'] != get(visual_embeddings, i - 1).metadata['sentence'], 'x', array(1.0D * ln(greatest(0.0001D, nanvl(coalesce(double(get(a, i).metadata['O']), 0D), 0D))) + 0.5D * coalesce(get(get(c, CASE WHEN size(token) = size(visual_embeddings) THEN i ELSE int(array_position(
transform(token, t -> t.begin), e.begin)) - 1 END), 0), ln(0.0001D)), 1.0D * ln(greatest(0.0001D, nanvl(coalesce(double(get(a, i).metadata['B-a']), 0D), 0D))) + 0.5D * coalesce(get(get(c, CASE WHEN size(token) = size(visual_embeddings) THEN i ELSE int(array_position(
transform(token, t -> t.begin), e.begin)) - 1 END), 1), ln(0.0001D)), 1.0D * ln(greatest(0.0001D, nanvl(coalesce(double(get(a, i).metadata['I-a']), 0D), 0D))) + 0.5D * coalesce(get(get(c, CASE WHEN size(token) = size(visual_embeddings) THEN i ELSE int(array_position(
transform(token, t -> t.begin), e.begin)) - 1 END), 2), ln(0.0001D)), 1.0D * ln(greatest(0.0001D, nanvl(coalesce(double(get(a, i).metadata['B-it\'s']), 0D), 0D))) + 0.5D * coalesce(get(get(c, CASE WHEN size(token) = size(visual_embeddings) THEN i ELSE int(array_position(
transform(token, t -> t.begin), e.begin)) - 1 END), 3), ln(0.0001D)), 1.0D * ln(greatest(0.0001D, nanvl(coalesce(double(get(a, i).metadata['I-it\'s']), 0D), 0D))) + 0.5D * coalesce(get(get(c, CASE WHEN size(token) = size(visual_embeddings) THEN i ELSE int(array_position(
transform(token, t -> t.begin), e.begin)) - 1 END), 4), ln(0.0001D))))), array(
named_struct('s', 0D, 'p', ''),
named_struct('s', 0D, 'p', ''),
named_struct('s', 0D, 'p', ''),
named_struct('s', 0D, 'p', ''),
named_struct('s', 0D, 'p', '')), (best, t) -> array(
transform(array(array_max(best)), b ->
named_struct('s', b.s + t.x[0], 'p', concat(b.p, '0')))[0],
transform(array(array_max(array(
named_struct('s', best[0].s + if(t.begins, 0D, 0.0000D), 'p', best[0].p),
named_struct('s', best[1].s + if(t.begins, 0D, 0.0500D), 'p', best[1].p),
named_struct('s', best[2].s + if(t.begins, 0D, 0.1000D), 'p', best[2].p),
named_struct('s', best[3].s + if(t.begins, 0D, 0.1500D), 'p', best[3].p),
named_struct('s', best[4].s + if(t.begins, 0D, 0.2000D), 'p', best[4].p)))), b ->
named_struct('s', b.s + t.x[1], 'p', concat(b.p, '1')))[0],
transform(array(array_max(array(
named_struct('s', best[1].s + if(t.begins, -1e9D, 0.1000D), 'p', best[1].p),
named_struct('s', best[2].s + if(t.begins, -1e9D, 0.2000D), 'p', best[2].p)))), b ->
named_struct('s', b.s + t.x[2], 'p', concat(b.p, '2')))[0],
transform(array(array_max(array(
named_struct('s', best[0].s + if(t.begins, 0D, 0.0000D), 'p', best[0].p),
named_struct('s', best[1].s + if(t.begins, 0D, 0.1500D), 'p', best[1].p),
named_struct('s', best[2].s + if(t.begins, 0D, 0.3000D), 'p', best[2].p),
named_struct('s', best[3].s + if(t.begins, 0D, 0.4500D), 'p', best[3].p),
named_struct('s', best[4].s + if(t.begins, 0D, 0.6000D), 'p', best[4].p)))), b ->
named_struct('s', b.s + t.x[3], 'p', concat(b.p, '3')))[0],
transform(array(array_max(array(
named_struct('s', best[3].s + if(t.begins, -1e9D, 0.6000D), 'p', best[3].p),
named_struct('s', best[4].s + if(t.begins, -1e9D, 0.8000D), 'p', best[4].p)))), b ->
named_struct('s', b.s + t.x[4], 'p', concat(b.p, '4')))[0]), best -> array_max(best).p) AS tag_path FROM __THIS__

SELECT *, a AS ner FROM __THIS__ WHERE false UNION ALL SELECT *,
transform(visual_embeddings, (e, i) ->
named_struct('annotatorType', 'named_entity', 'begin', e.begin, 'end', e.end, 'result', get(array('O', 'B-a', 'I-a', 'B-it\'s', 'I-it\'s'), ascii(substring(tag_path, i + 1, 1)) - 48), 'metadata', map('word', e.result, 'confidence', string(round(exp((1.0D * ln(greatest(0.0001D, nanvl(coalesce(double(get(a, i).metadata[get(array('O', 'B-a', 'I-a', 'B-it\'s', 'I-it\'s'), ascii(substring(tag_path, i + 1, 1)) - 48)]), 0D), 0D))) + 0.5D * coalesce(get(get(c, CASE WHEN size(token) = size(visual_embeddings) THEN i ELSE int(array_position(
transform(token, t -> t.begin), e.begin)) - 1 END), ascii(substring(tag_path, i + 1, 1)) - 48), ln(0.0001D))) / 1.5D), 4)), 'sentence', e.metadata['sentence']), 'embeddings', cast(array() AS array<float>))) AS ner FROM __THIS__
