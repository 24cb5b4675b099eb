using System.Collections.Immutable;
using Looper.Core.Blueprints;

namespace Looper.Core.Decisions;

/// <summary>Whether decisions logged under one version may train another.</summary>
/// <param name="Outcomes">Names of the outcomes whose examples may be used.</param>
/// <param name="InWords">One or two sentences; names what stands in the way.</param>
public sealed record Compatibility(bool Usable, ImmutableArray<string> Outcomes, string InWords)
{
    /// <summary>Data of <paramref name="older"/> for a model of <paramref name="newer"/>: the shape, the options and their order, and the
    /// unit must agree, and an outcome must mean the same in both. Features may come and go: what was not sent counts as missing.</summary>
    public static Compatibility Of(BlueprintContent older, BlueprintContent newer)
    {
        if (older.Shape != newer.Shape) return No($"the shape changed from {Words.Of(older.Shape)} to {Words.Of(newer.Shape)}");
        if (older.UnitName != newer.UnitName) return No($"decisions were for a {older.UnitName} and are now for a {newer.UnitName}");
        if (!AnswerRules.OptionKeys(older).SequenceEqual(AnswerRules.OptionKeys(newer))) return No("the options, or their order, changed");
        if (!older.Parameters.Select(p => p.Name).SequenceEqual(newer.Parameters.Select(p => p.Name))) return No("the parameters, or their order, changed");
        var before = older.Outcomes.ToDictionary(o => o.Name);
        var same = newer.Outcomes.Where(o => before.TryGetValue(o.Name, out var b) && SameMeaning(b, o)).Select(o => o.Name).ToImmutableArray();
        var other = newer.Outcomes.Where(o => !same.Contains(o.Name)).Select(o => $"{o.Name} ({Why(before.GetValueOrDefault(o.Name), o)})").ToList();
        if (same.IsEmpty) return No($"no outcome means the same: {string.Join(", ", other)}");
        var words = $"Decisions logged under it may train models of {Words.List(same)}{(other.Count == 0 ? "." : $", but not of {string.Join(", ", other)}.")}";
        var missing = newer.AllFeatures.Select(f => f.Name).Except(older.AllFeatures.Select(f => f.Name)).ToList();
        if (missing.Count > 0) words += $" In them {Words.List(missing)} {(missing.Count == 1 ? "counts" : "count")} as missing.";
        return new(true, same, words);
    }

    private static Compatibility No(string reason) => new(false, [], $"Its data cannot be used: {reason}. Training starts anew.");

    /// <summary>Direction and description do not change what a value means, so they do not matter here.</summary>
    private static bool SameMeaning(Outcome a, Outcome b) => Why(a, b) is null;

    private static string? Why(Outcome? older, Outcome newer) => older switch
    {
        null => "new",
        _ when older.Kind != newer.Kind => "other kind",
        _ when older.Window != newer.Window => "other window",
        _ when older.Aggregation != newer.Aggregation => "aggregated otherwise",
        _ when older.Absent != newer.Absent => "other value when nothing comes",
        _ => null,
    };
}
