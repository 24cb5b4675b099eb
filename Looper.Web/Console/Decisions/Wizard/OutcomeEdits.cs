using System.Collections.Immutable;
using System.Globalization;
using Looper.Core.Blueprints;
using Looper.Core.Decisions;

namespace Looper.Web.Console.Decisions.Wizard;

/// <summary>What follows from an edit of an outcome: names stay tied, and values stay possible.</summary>
internal static class OutcomeEdits
{
    public static ImmutableArray<string> Units { get; } = ["minutes", "hours", "days"];

    public static string Unit(TimeSpan window) => window.Ticks % TimeSpan.TicksPerDay == 0 ? "days" : window.Ticks % TimeSpan.TicksPerHour == 0 ? "hours" : "minutes";

    public static string Count(TimeSpan window) => Words.Number(Unit(window) switch { "days" => window.TotalDays, "hours" => window.TotalHours, _ => window.TotalMinutes });

    public static Outcome Wait(Outcome outcome, string count, string unit)
    {
        if (!double.TryParse(count, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) || !double.IsFinite(number)) number = 0;
        var ticks = Math.Clamp(number, -1e6, 1e6) * (unit switch { "days" => TimeSpan.TicksPerDay, "hours" => TimeSpan.TicksPerHour, _ => TimeSpan.TicksPerMinute });
        return outcome with { Window = new((long)ticks) };
    }

    /// <summary>What a field for a weight or a margin holds; without a number there, one that a draft can keep and the rules refuse.</summary>
    public static double Number(string typed) => double.TryParse(typed, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number) ? number : -1;

    public static IEnumerable<Aggregation> Aggregations(OutcomeKind kind) => kind == OutcomeKind.Boolean
        ? [Aggregation.Any, Aggregation.First, Aggregation.Last, Aggregation.Max]
        : [Aggregation.Sum, Aggregation.First, Aggregation.Last, Aggregation.Max, Aggregation.Mean];

    public static Outcome OfKind(Outcome outcome, OutcomeKind kind) => outcome with
    {
        Kind = kind,
        Aggregation = Aggregations(kind).Contains(outcome.Aggregation) ? outcome.Aggregation : Aggregations(kind).First(),
        Absent = outcome.Absent is null ? null : 0,
    };

    /// <param name="rows">Knows whose a name is that two outcomes have.</param>
    public static BlueprintContent Renamed(BlueprintContent content, RowNames rows, int i, string name)
    {
        var renamed = content with { Outcomes = content.Outcomes.SetItem(i, content.Outcomes[i] with { Name = name }) };
        foreach (var (from, to) in rows.Rename(Names(content), i, name))
        {
            renamed = renamed with
            {
                Goal = new()
                {
                    Terms = [.. renamed.Goal.Terms.Select(t => t.Outcome == from ? t with { Outcome = to } : t)],
                    Guardrails = [.. renamed.Goal.Guardrails.Select(g => g.Outcome == from ? g with { Outcome = to } : g)],
                },
            };
        }
        return renamed;
    }

    public static BlueprintContent Removed(BlueprintContent content, RowNames rows, int i)
    {
        var own = rows.Remove(Names(content), i);
        var removed = content with { Outcomes = content.Outcomes.RemoveAt(i) };
        return own is null ? removed : removed with { Goal = new() { Terms = content.Goal.Terms.RemoveAll(t => t.Outcome == own), Guardrails = content.Goal.Guardrails.RemoveAll(g => g.Outcome == own) } };
    }

    private static string[] Names(BlueprintContent content) => [.. content.Outcomes.Select(o => o.Name)];
}
