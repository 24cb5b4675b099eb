using System.Collections.Immutable;
using System.Globalization;
using Looper.Core.Blueprints;
using Looper.Core.Learning.Bandits;
using Looper.Core.Serving;

namespace Looper.Core.Bandits;

/// <summary>How a bandit stands with one guardrail, over the newest contexts and by its linear model of the outcome. Means are of the outcome itself, with 95 % intervals.</summary>
/// <param name="Margin">How much worse than the baseline is acceptable, as a fraction of it.</param>
/// <param name="Known">Share of the decisions learned from, or of the candidates of rankings that were shown, whose outcome is known.</param>
/// <param name="State"><c>binding</c>: without it the bandit would choose otherwise. <c>slack</c>: it keeps within it anyway. <c>unknown</c>: too little is known, and the baseline is given.</param>
/// <param name="Multiplier">λ: what a unit of harm costs, in units of the goal; null while unknown.</param>
/// <param name="Limit">The worst mean that is acceptable.</param>
/// <param name="Why">What stands behind an unknown, or where it cannot be kept; null for nothing.</param>
public sealed record GuardrailFigure(
    string Outcome, bool LowerIsBetter, double Margin, double Known, string State, double? Multiplier, MeanFigure? Baseline, MeanFigure? Policy, double? Limit, string? Why)
{
    /// <summary>Means and the limit are shares of yes.</summary>
    public bool IsRate { get; init; }

    /// <summary>Unit of the means and the limit.</summary>
    public string? UnitOfMeasure { get; init; }

    internal static ImmutableArray<GuardrailFigure> Of(BanditState state, FoundPenalty? found, BlueprintContent content)
    {
        if (state.Guards is not { } guards) return [];
        ImmutableArray<Outcome> outcomes = BanditGuarding.OutcomesOf(content);
        return [.. outcomes.Select((o, g) => Of(o, content.Goal.Guardrails[g].MarginRelative, g, state, guards, found))];
    }

    private static GuardrailFigure Of(Outcome outcome, double margin, int g, BanditState state, BanditGuards guards, FoundPenalty? found)
    {
        var (isLower, known, all) = (outcome.Better == Direction.Lower, guards.Harms[g].Weight, state.Statistics.Weight);
        var sign = isLower ? 1 : -1;
        if (found?.Bounds[g] is not { } bound) return new(outcome.Name, isLower, margin, all > 0 ? known / all : 0, "unknown", null, null, null, null, Unknown(outcome.Name, known, all, guards.Units[g].Count, state.IsOfPlaces));
        var why = found.Share == 0 && found.Tight[g] && !bound.HoldsAlone
            ? "Even the baseline with what is drawn evenly may be worse than the margin allows, as far as is known. The baseline is given. Draw less evenly, or allow a wider margin." : null;
        return new(
            outcome.Name, isLower, margin, known / all, found.Tight[g] ? "binding" : "slack", guards.Multipliers[g],
            MeanFigure.Of(sign * bound.Baseline, bound.BaselineDeviation, outcome.Kind), MeanFigure.Of(sign * bound.Mean(found.Sums.Harms[g]), bound.Deviation(found.Sums.Harms[g]), outcome.Kind), sign * bound.Limit, why);
    }

    private static string Unknown(string outcome, double known, double all, int units, bool ofPlaces)
    {
        var rows = ofPlaces ? "candidates shown" : "decisions";
        return known == 0 ? $"{outcome} is known for none of {Count(all)} {rows}. Report it{(ofPlaces ? " with its candidate" : "")}, or say what it is when nothing comes."
            : known < OutcomeBelief.FewestRows ? $"{outcome} is known for {Count(known)} of {Count(all)} {rows}; {Count(OutcomeBelief.FewestRows)} are needed."
            : units < KnownUnits.Enough ? $"{outcome} is known for {Count(known)} of {Count(all)} {rows}, and they are of {(units == 1 ? "one unit" : $"{Count(units)} units")} alone; {Count(KnownUnits.Enough)} are needed, since many decisions of few units say little of others."
            : $"All {Count(known)} values of {outcome} are alike: perhaps it is not reported at all{(ofPlaces ? ", or without its candidate" : "")}, and that is not taken for no harm.";
    }

    private static string Count(double rows) => rows.ToString("N0", CultureInfo.InvariantCulture);
}

/// <param name="Low">Ends of the 95 % interval.</param>
public sealed record MeanFigure(double Mean, double Low, double High)
{
    /// <summary>A linear model and a normal interval know no ends: what cannot be, a share below 0 or a negative count, is cut off.</summary>
    internal static MeanFigure Of(double mean, double deviation, OutcomeKind kind)
    {
        double Possible(double value) => kind == OutcomeKind.Number ? value : Math.Clamp(value, 0, kind == OutcomeKind.Boolean ? 1 : double.PositiveInfinity);
        return new(Possible(mean), Possible(mean - HarmBound.Confidence * deviation), Possible(mean + HarmBound.Confidence * deviation));
    }
}
