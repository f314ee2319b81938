SELECT *, ner_chunk AS assertion FROM __THIS__ WHERE false UNION ALL SELECT *,
transform(
transform(assertion_windows, w ->
named_struct('chunk', w.chunk, 'scores',
transform(array('Present', 'it\'s'), s ->
named_struct('score', (coalesce(double(element_at(
filter(assertion_tag_0, t -> t.begin = w.number * 1000 + 2 * size(w.before)), 1).metadata[concat('B-', s)]), 0D) + coalesce(double(element_at(
filter(assertion_tag_1, t -> t.begin = w.number * 1000 + 2 * size(w.before)), 1).metadata[concat('B-', s)]), 0D)) / 2, 'status', s)))), j ->
named_struct('annotatorType', 'assertion', 'begin', j.chunk.begin, 'end', j.chunk.end, 'result', array_max(j.scores).status, 'metadata', map_concat(map('confidence', string(coalesce(array_max(j.scores).score /
aggregate(j.scores, 0D, (sum, s) -> sum + s.score), 0D)), 'ner_label', j.chunk.metadata['entity'], 'sentence', j.chunk.metadata['sentence'], 'chunk', j.chunk.metadata['chunk']), map_from_entries(
transform(j.scores, s -> struct(concat('score_', s.status), string(s.score))))), 'embeddings', cast(array() AS array<float>))) AS assertion FROM __THIS__
