/* What both peers answer to the POST that is measured: the same bytes. */

#ifndef BENCH_ANSWER_H
#define BENCH_ANSWER_H

#define BENCH_ANSWER                                                       \
    "{\"id\":\"6b0d6a52-0f3c-4f0e-9a55-0c2f0c6f5d11\",\"name\":\"Bench\"," \
    "\"slug\":\"bench\",\"template\":\"platform\",\"templateVersion\":1,"  \
    "\"previewTtlHours\":72,\"createdAt\":\"2025-01-01T00:00:00.000000Z\"}"

#endif /* BENCH_ANSWER_H */
