namespace Looper.Client;

/// <summary>How a client calls Looper. They are checked when the client is made, which is the one thing that throws.</summary>
public sealed class LooperClientOptions
{
    /// <summary>Address of Looper, as <c>http://127.0.0.1:5000</c>. Default: the environment variable <c>LOOPER_URL</c>.</summary>
    public string? Url { get; init; }

    /// <summary>A key that may decide and observe. It is secret: keep it on your server. Default: the environment variable <c>LOOPER_API_KEY</c>.</summary>
    public string? ApiKey { get; init; }

    /// <summary>The longest a decide call may take, all included. 1 ms to 60 s; default 250 ms.</summary>
    public TimeSpan Budget { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>Folder of this client alone, where observations wait on disk. Default null: in memory only, so that they end with the process.</summary>
    public string? SpoolDirectory { get; init; }

    /// <summary>Observations that may wait, in memory and on disk alike; above it the oldest is dropped and counted. 1 to 10,000,000; default 100,000.</summary>
    public int SpoolLimit { get; init; } = 100_000;

    /// <summary>The longest an observation waits for company before it is sent. 10 ms to an hour; default 1 s.</summary>
    public TimeSpan FlushEvery { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The most observations in one request; as many are sent at once. 1 to 1,000; default 500.</summary>
    public int BatchSize { get; init; } = 500;

    /// <summary>How long closing waits for what is not delivered yet. 0 to an hour; default 5 s.</summary>
    public TimeSpan CloseWithin { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Is told what went wrong with observations, for your log, on whichever thread met it. What it throws is ignored. Keep it short.</summary>
    public Action<Problem>? OnProblem { get; init; }

    /// <summary>What time it is, and whose timers to use.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>Uniform in [0, 1): where in its range a wait falls.</summary>
    internal Func<double> Random { get; init; } = Jitter.Uniform;
}
