transform(
transform(
filter(
transform(sequence(0, greatest(0, least(64, size(embeddings)) - 1)), k -> slice(embeddings, int(1 + k * size(embeddings) div least(64, size(embeddings))), int((k + 1) * size(embeddings) div least(64, size(embeddings)) - k * size(embeddings) div least(64, size(embeddings))))), v -> size(v) > 0), v -> concat(
transform(
aggregate(v, array_repeat(double(0.0), 2), (acc, e) ->
zip_with(acc, slice(e.embeddings, 1, 2), (a, x) -> a + x)), a -> a / size(v)),
aggregate(v, array_repeat(double(-1e+30), 2), (acc, e) ->
zip_with(acc, slice(e.embeddings, 1, 2), (a, x) -> greatest(a, double(x)))))), (v, i) ->
named_struct('annotatorType', 'sentence_embeddings', 'begin', i, 'end', i, 'result', 'text', 'metadata', map('sentence', string(i), 'token', 'text', 'pieceId', '-1', 'isWordStart', 'true'), 'embeddings',
transform(
zip_with(
zip_with(v, array(0.1D, 0.1D, 0.1D, 0.1D), (a, m) -> a - m), array(2D, 2D, 2D, 2D), (a, s) -> a * s), a -> float(a))))
