"""The REST surface: routes over the runtime, and the transports that carry requests to them.

A request takes the same way on every transport: ``Api.dispatch`` finds the route, its handler reads the request, asks
the runtime and answers, or says what it waits for. Handlers are plain synchronous functions that run in the thread that
owns the runtime.
"""
