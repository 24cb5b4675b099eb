namespace Looper.Client;

/// <summary>What must be so of options. A wrong one throws with its name, the reason and the way out.</summary>
internal static class OptionsCheck
{
    private static readonly TimeSpan s_millisecond = TimeSpan.FromMilliseconds(1), s_minute = TimeSpan.FromMinutes(1), s_hour = TimeSpan.FromHours(1);

    /// <returns>The address, ending in a slash, and the key: the option, or else its environment variable.</returns>
    public static (Uri Root, string Key) Of(LooperClientOptions options)
    {
        var root = Root(Given(options.Url, "LOOPER_URL"));
        var key = Given(options.ApiKey, "LOOPER_API_KEY");
        if (key is null) throw Wrong(nameof(options.ApiKey), "this is missing. Give a key that may decide and observe, or set LOOPER_API_KEY.");
        if (key.AsSpan().ContainsAnyExceptInRange('!', '~')) throw Wrong(nameof(options.ApiKey), "this holds a space or a sign that no key has. Copy the key again, whole and alone.");
        if (IsNoBudget(options.Budget)) throw Wrong(nameof(options.Budget), "this must be from 1 ms to 60 s. Leave it out for 250 ms.");
        if (options.SpoolDirectory is { } directory && (string.IsNullOrWhiteSpace(directory) || directory.Contains('\0', StringComparison.Ordinal))) throw Wrong(nameof(options.SpoolDirectory), "this is no name of a folder. Name a folder, or leave it out to keep observations in memory only.");
        if (options.SpoolLimit is < 1 or > 10_000_000) throw Wrong(nameof(options.SpoolLimit), "this must be from 1 to 10,000,000. Leave it out for 100,000.");
        if (IsOutside(options.FlushEvery, 10 * s_millisecond, s_hour)) throw Wrong(nameof(options.FlushEvery), "this must be from 10 ms to an hour. Leave it out for 1 s.");
        if (options.BatchSize is < 1 or > 1_000) throw Wrong(nameof(options.BatchSize), "this must be from 1 to 1,000, the most that Looper takes at once. Leave it out for 500.");
        if (IsOutside(options.CloseWithin, TimeSpan.Zero, s_hour)) throw Wrong(nameof(options.CloseWithin), "this must be from 0 to an hour. Leave it out for 5 s.");
        if (options.Clock is null) throw Wrong(nameof(options.Clock), "this is null. Leave it out for the system's clock.");
        return (root, key);
    }

    /// <summary>Whether a budget is one that no call can be made in.</summary>
    public static bool IsNoBudget(TimeSpan budget) => IsOutside(budget, s_millisecond, s_minute);

    private static Uri Root(string? url)
    {
        if (url is null) throw Wrong(nameof(LooperClientOptions.Url), "this is missing. Give the address of Looper, as http://127.0.0.1:5000, or set LOOPER_URL.");
        if (!Uri.TryCreate(url, UriKind.Absolute, out var parsed) || parsed.Scheme is not ("http" or "https"))
            throw Wrong(nameof(LooperClientOptions.Url), $"'{url}' is no address that begins with http:// or https://. Give one as http://127.0.0.1:5000.");
        if (parsed.UserInfo.Length > 0) throw Wrong(nameof(LooperClientOptions.Url), "this names a user or a password. Leave them out: the key says who calls.");
        if (parsed.Query.Length + parsed.Fragment.Length > 0) throw Wrong(nameof(LooperClientOptions.Url), $"'{url}' has a part after ? or #. Leave that out.");
        return new(parsed.AbsoluteUri.TrimEnd('/') + "/");
    }

    private static string? Given(string? option, string variable)
    {
        var given = option ?? Environment.GetEnvironmentVariable(variable);
        return string.IsNullOrEmpty(given) ? null : given;
    }

    private static bool IsOutside(TimeSpan time, TimeSpan least, TimeSpan most) => time < least || time > most;

    private static ArgumentException Wrong(string option, string why) => new($"{option}: {why}");
}
