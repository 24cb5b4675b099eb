// A browser that is busy drawing or asleep for a moment keeps its page: it waits for the server as long as the server waits for it.
Blazor.start({ circuit: { configureSignalR: (connection) => connection.withServerTimeout(120000) } });
