using System.Text.RegularExpressions;

namespace Looper.InProcess;

/// <summary>What must be so of options beside those of the client. A wrong one throws with its name, the reason and the way out.</summary>
internal static partial class InProcessCheck
{
    private static readonly TimeSpan s_least = TimeSpan.FromMilliseconds(100), s_most = TimeSpan.FromHours(1);

    public static InProcessOptions Of(InProcessOptions? options)
    {
        if (options?.Client is null) throw Wrong(nameof(InProcessOptions.Client), "this is missing. Say how Looper is called, or leave it out to take address and key from the environment.");
        if (options.DecisionPoints is not { Count: > 0 }) throw Wrong(nameof(options.DecisionPoints), "none is named. Name the decision points that are decided in this process.");
        foreach (var key in options.DecisionPoints)
        {
            if (key is null || !Key().IsMatch(key)) throw Wrong(nameof(options.DecisionPoints), $"'{key}' is no key of a decision point: those are of lower-case letters, digits and hyphens. Copy it from its page.");
        }
        if (options.SnapshotDirectory is { } directory && (string.IsNullOrWhiteSpace(directory) || directory.Contains('\0', StringComparison.Ordinal)))
            throw Wrong(nameof(options.SnapshotDirectory), "this is no name of a folder. Name a folder, or leave it out to start with Looper only.");
        if (options.RefreshEvery < s_least || options.RefreshEvery > s_most) throw Wrong(nameof(options.RefreshEvery), "this must be from 100 ms to an hour. Leave it out for 10 s.");
        if (options.DecisionLimit is < 1 or > 10_000_000) throw Wrong(nameof(options.DecisionLimit), "this must be from 1 to 10,000,000. Leave it out for 100,000.");
        return options;
    }

    private static ArgumentException Wrong(string option, string why) => new($"{option}: {why}");

    [GeneratedRegex(@"\A[a-z0-9-]{1,64}\z")]
    private static partial Regex Key();
}
