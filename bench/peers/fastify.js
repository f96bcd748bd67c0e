// What one would write with Fastify for the edge's job: a limit per API key and
// a tiny answer, in one process.
//
//     node fastify.js PORT

'use strict';

const fastify = require('fastify')();
const answer = {
  id: '6b0d6a52-0f3c-4f0e-9a55-0c2f0c6f5d11',
  name: 'Bench',
  slug: 'bench',
  template: 'platform',
  templateVersion: 1,
  previewTtlHours: 72,
  createdAt: '2025-01-01T00:00:00.000000Z',
};
const keys = new Set([process.env.BENCH_API_KEY]);

async function start(port) {
  await fastify.register(require('@fastify/rate-limit'), {
    max: 1e9,
    timeWindow: 60000,
    keyGenerator: (request) => request.headers.authorization ?? request.ip,
  });

  fastify.addHook('onRequest', async (request, reply) => {
    if (!keys.has(request.headers.authorization?.slice('Bearer '.length))) {
      reply.code(401).send({ error: 'AUTH_KEY_INVALID' });
    }
  });

  fastify.get('/me', async () => answer);
  await fastify.listen({ port, host: '127.0.0.1' });
}

start(Number(process.argv[2])).catch((error) => {
  console.error(error);
  process.exit(1);
});
