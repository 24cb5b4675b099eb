using System.Collections.Immutable;
using Looper.Core.Blueprints;
using Looper.Core.Statistics;

namespace Looper.Core.Experiments;

/// <summary>Units that this experiment shares with another, by their arms in both.</summary>
/// <param name="Experiment">Key of the other.</param>
/// <param name="Arms">Keys of its arms, the baseline first.</param>
/// <param name="Units">By arm here and arm there, row-major.</param>
/// <param name="Cells">By goal, then as <paramref name="Units"/>.</param>
internal sealed record OverlapSums(string Experiment, ImmutableArray<string> Arms, double[] Units, Moments[][] Cells)
{
    /// <summary>Interactions are looked for among many, so they must be clear.</summary>
    public const double Alpha = 0.01;

    private const double NotIndependent = 0.001;

    /// <summary>The metrics that interactions are looked for in: what decides, where a unit has one number.</summary>
    public static ImmutableArray<MetricSpec> Goals(IEnumerable<MetricSpec> all) => [.. all.Where(IsGoal)];

    public static bool IsGoal(MetricSpec metric) => metric.Role == MetricRole.Goal && !metric.IsRatio && metric.Kind != MetricKind.Quantile;

    /// <summary>The same with this experiment's arms in another order.</summary>
    /// <param name="order">Old place of each arm.</param>
    public OverlapSums Rebased(int[] order) => this with { Units = Reordered(Units, order), Cells = [.. Cells.Select(c => Reordered(c, order))] };

    /// <summary>Whether effects on the goals depend on the other experiments: all of them, corrected for how many there are.</summary>
    public static ImmutableArray<InteractionFigures> Figures(IEnumerable<OverlapSums> overlaps, ExperimentPlan plan, ImmutableArray<MetricSpec> goals)
    {
        var all = overlaps.SelectMany(o => o.Of(plan, goals)).ToList();
        var adjusted = MultipleComparisons.BenjaminiHochberg([.. all.Select(i => i.P)]);
        return [.. all.Select((figures, i) => figures with { AdjustedP = adjusted[i], Sentence = Sentence(figures, adjusted[i]) })];
    }

    // One per goal, arm here and arm there; p not yet corrected.
    private IEnumerable<InteractionFigures> Of(ExperimentPlan plan, ImmutableArray<MetricSpec> goals)
    {
        if (Units.Sum() == 0) yield break;
        var independence = Interaction.IndependenceP(Units, Arms.Length);
        for (var goal = 0; goal < goals.Length; goal++)
            for (var arm = 1; arm < plan.Arms.Length; arm++)
                for (var there = 1; there < Arms.Length; there++)
                    yield return Of(plan, goals[goal], Cells[goal], arm, there, independence);
    }

    private InteractionFigures Of(ExperimentPlan plan, MetricSpec goal, Moments[] cells, int arm, int there, double independence)
    {
        var row = arm * Arms.Length;
        Moments[] four = [cells[0], cells[row], cells[there], cells[row + there]];
        var figures = new InteractionFigures
        {
            Experiment = Experiment,
            Outcome = goal.Outcome.Name,
            Arm = plan.Arms[arm].Key,
            OtherArm = Arms[there],
            Units = (long)four.Sum(m => m.Count),
            IndependenceP = independence,
        };
        var least = four.Min(m => m.Count);
        if (least < Interaction.UnitsPerCell) return figures with { Shortage = new((long)least, (long)Interaction.UnitsPerCell, "units in the smallest of the four groups") };
        if (independence < NotIndependent) return figures with { Shares = true };
        MetricSummary Summary(Moments m) => goal.Outcome.Kind == OutcomeKind.Boolean && MetricSums.IsYesNo(m) ? MetricSummary.OfConversion(m) : MetricSummary.OfMean(m);
        var effect = Interaction.Between(Summary(four[0]), Summary(four[1]), Summary(four[2]), Summary(four[3]));
        var reading = Reading.Fixed(effect, plan.Level);
        return figures with { Estimate = effect.Value, Low = reading.Interval.Low, High = reading.Interval.High, P = reading.P };
    }

    private T[] Reordered<T>(T[] cells, int[] order) => [.. order.SelectMany(arm => cells[(arm * Arms.Length)..((arm + 1) * Arms.Length)])];

    private static string Sentence(InteractionFigures figures, double p) => figures switch
    {
        { Shortage: { } shortage } => FormattableString.Invariant($"Not enough data: {shortage.Have:N0} of {shortage.Need:N0} {shortage.Of}."),
        { Shares: true } => $"The arms of {figures.Experiment} are not shared out independently of these: the two experiments have a target or a unit’s hash in common, and their effects cannot be told apart.",
        _ when double.IsNaN(p) => "All units of a group have the same value, so nothing can be said.",
        _ when p < Alpha => $"The effect of {figures.Arm} depends on {figures.Experiment}: it differs where units also have {figures.OtherArm}.",
        _ => $"No sign that the effect of {figures.Arm} depends on {figures.Experiment}.",
    };
}
