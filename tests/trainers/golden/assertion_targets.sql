SELECT *,
transform(ner_chunk, (c, i) ->
named_struct('number', i, 'chunk', c, 'before', reverse(slice(reverse(
filter(embeddings, e -> e.begin >= element_at(
filter(sentence, s -> s.begin <= c.begin AND s.end >= c.begin), 1).begin AND e.end < c.begin)), 1, 30)), 'inside',
filter(embeddings, e -> e.begin <= c.end AND e.end >= c.begin), 'after', slice(
filter(embeddings, e -> e.begin > c.end AND e.end <= element_at(
filter(sentence, s -> s.begin <= c.begin AND s.end >= c.begin), 1).end), 1, 30))) AS assertion_windows FROM __THIS__

SELECT *, embeddings AS assertion_embeddings FROM __THIS__ WHERE false UNION ALL SELECT *, flatten(
transform(assertion_windows, w -> concat(
transform(w.before, (e, i) ->
named_struct('annotatorType', 'word_embeddings', 'begin', w.number * 1000 + 2 * (i), 'end', w.number * 1000 + 2 * (i) + 1, 'result', e.result, 'metadata', map('sentence', string(w.number), 'token', e.result, 'target', string(i - size(w.before) = 0), 'isOOV', 'false', 'pieceId', '-1', 'isWordStart', 'true'), 'embeddings', concat(slice(e.embeddings, 1, 100),
transform(sequence(0, 53), k -> float(CASE WHEN k < 31 THEN k - 15 = greatest(-15, least(15, (i - size(w.before)))) WHEN k < 31 + 16 THEN (i - size(w.before)) = 0 WHEN k = 31 + 16 THEN (i - size(w.before)) < 0 WHEN k = 31 + 17 THEN (i - size(w.before)) > 0 ELSE abs((i - size(w.before))) <= shiftleft(1, k - 31 - 18) END)), array_repeat(float(0), 102)))), array(
named_struct('annotatorType', 'word_embeddings', 'begin', w.number * 1000 + 2 * (size(w.before)), 'end', w.number * 1000 + 2 * (size(w.before)) + 1, 'result', coalesce(element_at(w.inside, 1).result, w.chunk.result), 'metadata', map('sentence', string(w.number), 'token', coalesce(element_at(w.inside, 1).result, w.chunk.result), 'target', string(0 = 0), 'isOOV', 'false', 'pieceId', '-1', 'isWordStart', 'true'), 'embeddings', concat(
transform(
aggregate(w.inside, array_repeat(0D, 100), (acc, e) ->
zip_with(acc, slice(e.embeddings, 1, 100), (a, x) -> a + x)), a -> float(a / greatest(size(w.inside), 1))),
transform(sequence(0, 53), k -> float(CASE WHEN k < 31 THEN k - 15 = greatest(-15, least(15, (0))) WHEN k < 31 + 16 THEN (0) = 0 WHEN k = 31 + 16 THEN (0) < 0 WHEN k = 31 + 17 THEN (0) > 0 ELSE abs((0)) <= shiftleft(1, k - 31 - 18) END)), array_repeat(float(0), 102)))),
transform(w.after, (e, i) ->
named_struct('annotatorType', 'word_embeddings', 'begin', w.number * 1000 + 2 * (size(w.before) + 1 + i), 'end', w.number * 1000 + 2 * (size(w.before) + 1 + i) + 1, 'result', e.result, 'metadata', map('sentence', string(w.number), 'token', e.result, 'target', string(i + 1 = 0), 'isOOV', 'false', 'pieceId', '-1', 'isWordStart', 'true'), 'embeddings', concat(slice(e.embeddings, 1, 100),
transform(sequence(0, 53), k -> float(CASE WHEN k < 31 THEN k - 15 = greatest(-15, least(15, (i + 1))) WHEN k < 31 + 16 THEN (i + 1) = 0 WHEN k = 31 + 16 THEN (i + 1) < 0 WHEN k = 31 + 17 THEN (i + 1) > 0 ELSE abs((i + 1)) <= shiftleft(1, k - 31 - 18) END)), array_repeat(float(0), 102))))))) AS assertion_embeddings FROM __THIS__

SELECT *, token AS assertion_token, sentence AS assertion_sentence FROM __THIS__ WHERE false UNION ALL SELECT *,
transform(assertion_embeddings, e ->
named_struct('annotatorType', 'token', 'begin', e.begin, 'end', e.end, 'result', e.result, 'metadata', map('sentence', e.metadata['sentence']), 'embeddings', cast(array() AS array<float>))) AS assertion_token,
transform(assertion_windows, w ->
named_struct('annotatorType', 'document', 'begin', w.number * 1000, 'end', w.number * 1000 + 999, 'result', '', 'metadata', map('sentence', string(w.number)), 'embeddings', cast(array() AS array<float>))) AS assertion_sentence FROM __THIS__
