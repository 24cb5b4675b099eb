using System.Collections.Immutable;
using Looper.Core.Blueprints;
using Looper.Core.Models;

namespace Looper.Core.Decisions;

/// <summary>Whether decisions logged under one version may train another.</summary>
/// <param name="Outcomes">Names of the outcomes whose examples may be used.</param>
/// <param name="InWords">One or two sentences; names what stands in the way.</param>
public sealed record Compatibility(bool Usable, ImmutableArray<string> Outcomes, string InWords)
{
    /// <summary>Data of <paramref name="older"/> for a model of <paramref name="newer"/>, by the rule that training goes by (<see cref="VersionTable"/>): shape, unit
    /// and the kinds of shared features must agree, an option and an outcome must be left that mean the same. Features may come and go.</summary>
    public static Compatibility Of(BlueprintContent older, BlueprintContent newer)
    {
        if (older.Shape != newer.Shape) return No($"the shape changed from {Words.Of(older.Shape)} to {Words.Of(newer.Shape)}");
        if (older.UnitName != newer.UnitName) return No($"a decision was for one {older.UnitName} and is now for one {newer.UnitName}");
        var table = new VersionTable(newer, [new(0, older)], recalls: true);
        if (table.Find(0) is not { } read) return No($"{Words.List([.. Kinds(older, newer)])} changed");
        var gone = Enumerable.Range(0, older.Options.Length).Where(i => table.CurrentOption(0, i) < 0).Select(i => older.Options[i].Key).ToList();
        if (gone.Count > 0 && gone.Count == older.Options.Length) return No("no option is left");
        if (!older.Parameters.Select(p => p.Name).SequenceEqual(newer.Parameters.Select(p => p.Name))) return No("the parameters, or their order, changed");
        var before = older.Outcomes.ToDictionary(o => o.Name);
        var same = newer.Outcomes.Where(o => table.SharesOutcome(0, o)).Select(o => o.Name).ToImmutableArray();
        var other = newer.Outcomes.Where(o => !same.Contains(o.Name)).Select(o => $"{o.Name} ({Why(before.GetValueOrDefault(o.Name), o)})").ToList();
        if (same.IsEmpty) return No($"no outcome means the same: {string.Join(", ", other)}");
        var words = $"Decisions logged under it may train models of {Words.List(same)}{(other.Count == 0 ? "." : $", but not of {string.Join(", ", other)}.")}";
        if (gone.Count > 0) words += $" Those for {Words.List(gone)} are left out: there is no such option any more.";
        var missing = newer.AllFeatures.Select(f => f.Name).Except(read.AllFeatures.Select(f => f.Name)).ToList();
        if (missing.Count > 0) words += $" In them {Words.List(missing)} {(missing.Count == 1 ? "counts" : "count")} as missing.";
        var recalled = table.Recalled(0).Length == 0 ? [] : read.Features[^table.Recalled(0).Length..].Select(f => f.Name).ToList();
        if (recalled.Count > 0) words += $" {Words.List(recalled)} {(recalled.Count == 1 ? "is" : "are")} filled in from what was reported until then.";
        return new(true, same, words);
    }

    /// <summary>Of a version that cannot be read, or for one.</summary>
    internal static Compatibility Unreadable { get; } = new(false, [], "Its data cannot be used: a version cannot be read by this Looper.");

    private static Compatibility No(string reason) => new(false, [], $"Its data cannot be used: {reason}. Training starts anew.");

    private static IEnumerable<string> Kinds(BlueprintContent older, BlueprintContent newer) =>
        from now in newer.AllFeatures
        join then in older.AllFeatures on now.Name equals then.Name
        where now.Kind != then.Kind
        select $"the kind of {now.Name}";

    // Direction and description do not change what a value means.
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
