using System.Text.Json;

namespace Looper.Client;

/// <summary>What came of a decide call: Looper's answer, or the fallback that was given with the call.</summary>
public class Decision
{
    /// <summary>Names the decision when outcomes are reported; null of a fallback.</summary>
    public string? DecisionId { get; init; }

    /// <summary>Where candidates were sent: all of them in order, the first decided on; null of a fallback.</summary>
    public IReadOnlyList<RankedCandidate>? Ranking { get; init; }

    /// <summary>Probability with which this answer was chosen; null of a fallback, and where Looper knows none.</summary>
    public double? Propensity { get; init; }

    /// <summary>Why it came out so: a word of Looper, or of a fallback one of <see cref="FallbackReason"/>.</summary>
    public required string Reason { get; init; }

    /// <summary>Key of the experiment that covered the unit; null outside.</summary>
    public string? Experiment { get; init; }

    /// <summary>Key of the unit's arm in it; null outside.</summary>
    public string? Arm { get; init; }

    /// <summary>Version that decided; null of a fallback.</summary>
    public int? BlueprintVersion { get; init; }

    /// <summary>Model that scored; null without one.</summary>
    public int? ModelVersion { get; init; }

    /// <summary>A default was answered because nothing else could be, by Looper or here.</summary>
    public bool IsDefault { get; init; }

    /// <summary>Whether Looper stored the decision; one that was made in this process is kept until it has. False of a fallback.</summary>
    public bool Recorded { get; init; }

    /// <summary>What decided and how much each feature moved the predictions, where the call asked to explain.</summary>
    public JsonElement? Explanation { get; init; }

    /// <summary>The fallback of the call, because Looper gave no usable answer within the budget.</summary>
    public bool IsFallback { get; init; }

    /// <summary>Of a fallback: what went wrong, in a sentence.</summary>
    public string? Problem { get; init; }
}

/// <inheritdoc/>
/// <typeparam name="T">What is decided on: text, yes or no, a number, or a type of yours for a configuration.</typeparam>
public sealed class Decision<T> : Decision
{
    /// <summary>What to do.</summary>
    public required T Value { get; init; }
}

/// <summary>Why a fallback was given.</summary>
public static class FallbackReason
{
    /// <summary>No answer within the budget.</summary>
    public const string Timeout = "default-timeout";

    /// <summary>No connection, or one that was cut.</summary>
    public const string Unreachable = "default-unreachable";

    /// <summary>Looper refused the call: see the problem.</summary>
    public const string Refused = "default-refused";

    /// <summary>Looper has more to do than it can (429 or 503).</summary>
    public const string Busy = "default-busy";

    /// <summary>Looper failed (another 5xx).</summary>
    public const string Error = "default-error";

    /// <summary>What was answered is not the JSON that was expected.</summary>
    public const string Unreadable = "default-unreadable";

    /// <summary>The call itself cannot be sent.</summary>
    public const string Invalid = "default-invalid";
}
