namespace Looper.Core;

public enum DatabaseKind
{
    Sqlite,
    SqlServer,
    Postgres,
}

/// <summary>What an installation is made of. Section <c>Looper</c>.</summary>
public sealed class LooperOptions
{
    public const string Section = "Looper";

    /// <summary>Where databases, keys, logs and backups live; made with access for its owner alone. Default <c>looper-data</c>
    /// under the directory the program was started in.</summary>
    public string DataDirectory { get; set; } = "looper-data";

    /// <summary>Which database holds what people edit. Default <see cref="DatabaseKind.Sqlite"/>, a file in the data directory.</summary>
    public DatabaseKind Database { get; set; } = DatabaseKind.Sqlite;

    /// <summary>How to reach the database server; unused with <see cref="DatabaseKind.Sqlite"/>.</summary>
    public string? ConnectionString { get; set; }

    /// <summary>Addresses and networks of the proxies in front of Looper, between semicolons, such as <c>10.0.0.4;10.1.0.0/16</c>: what they say of their client (X-Forwarded-For,
    /// -Proto and -Host) is believed. Default none.</summary>
    public string TrustedProxies { get; set; } = "";

    /// <summary>Drive one decision point of a simulated shop; binds to loopback only. Set by <c>--demo</c>. Default false.</summary>
    public bool Demo { get; set; }
}
