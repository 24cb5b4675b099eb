using System.Text.Json;
using Looper.Core.Blueprints;

namespace Looper.Core.Policies;

/// <summary>What to judge, and on which decisions. Of the first three at most one; with none, what serves now.</summary>
/// <param name="Draft">A draft.</param>
/// <param name="Version">A published version.</param>
/// <param name="Policy">The current version with this policy instead.</param>
/// <param name="From">Decisions from this time on; null from the first, or, with no other limit, from the end of what its model or rule has learned from where that leaves enough.</param>
/// <param name="Until">Decisions before this time; null to the last.</param>
/// <param name="LoggedBy">Only decisions of this version; null any.</param>
public sealed record ValueQuestion(
    Guid? Draft = null, int? Version = null, PolicySpec? Policy = null, DateTimeOffset? From = null, DateTimeOffset? Until = null, int? LoggedBy = null);

/// <summary>The same as a run carries it: the content as it was when it was asked, so that later edits change nothing.</summary>
/// <param name="Content">JSON of the blueprint to judge.</param>
public sealed record ValueInput(string Title, string Content, DateTimeOffset? From, DateTimeOffset? Until, int? LoggedBy)
{
    /// <summary>As the text of an input that <see cref="IsWindow"/>, whose questions an apprentice alone asks; quotes inside a title or a content are escaped.</summary>
    internal const string AskedOfApprentice = "\"isWindow\":true";

    /// <summary>The start goes along with time and nobody asked for it: decisions that the policy's model or rule has learned from may be left out, as where no period is asked for.</summary>
    public bool IsWindow { get; init; }

    public string Write() => JsonSerializer.Serialize(this, PolicyJson.Options);

    /// <exception cref="JsonException">Not what <see cref="Write"/> made.</exception>
    public static ValueInput Read(string json) =>
        JsonSerializer.Deserialize<ValueInput>(json, PolicyJson.Options) ?? throw new JsonException("The stored question is empty.");
}
