using System.Collections.Immutable;
using Looper.Core.Blueprints;
using Looper.Core.Events;
using Looper.Core.Events.Records;
using Looper.Core.Statistics;

namespace Looper.Core.Experiments;

/// <summary>Another experiment that ran at the same time, and the arm in it of each unit.</summary>
/// <param name="Arms">Keys of its arms, the baseline first.</param>
/// <param name="ArmOf">By hash of the unit.</param>
public sealed record OtherExperiment(string Key, ImmutableArray<string> Arms, IReadOnlyDictionary<long, int> ArmOf);

/// <summary>Units that two experiments share, by their arms in both.</summary>
internal sealed class OverlapUnits(OtherExperiment other, int arms, ImmutableArray<MetricSpec> goals)
{
    /// <summary>Interactions are looked for among many, so they must be clear.</summary>
    public const double Alpha = 0.01;

    private const double NotIndependent = 0.001;

    private readonly int _columns = other.Arms.Length;
    private readonly double[] _units = new double[arms * other.Arms.Length];
    private readonly Moments[][] _cells = [.. goals.Select(_ => new Moments[arms * other.Arms.Length])];

    public void Add(int arm, ExposedUnit unit)
    {
        if (!other.ArmOf.TryGetValue(UnitHash.Of(unit.Decision.Unit), out var there) || there < 0 || there >= _columns) return;
        var cell = arm * _columns + there;
        _units[cell]++;
        for (var goal = 0; goal < goals.Length; goal++)
            if (goals[goal].TryRead(unit, out var value, out _) && !double.IsNaN(value)) _cells[goal][cell] = _cells[goal][cell].With(value);
    }

    /// <summary>One per goal, arm here and arm there; p not yet corrected.</summary>
    public IEnumerable<InteractionFigures> Of(ExperimentPlan plan)
    {
        if (_units.Sum() == 0) yield break;
        var independence = Interaction.IndependenceP(_units, _columns);
        for (var goal = 0; goal < goals.Length; goal++)
            for (var arm = 1; arm < arms; arm++)
                for (var there = 1; there < _columns; there++)
                    yield return Of(plan, goal, arm, there, independence);
    }

    private InteractionFigures Of(ExperimentPlan plan, int goal, int arm, int there, double independence)
    {
        Moments[] four = [_cells[goal][0], _cells[goal][arm * _columns], _cells[goal][there], _cells[goal][arm * _columns + there]];
        var figures = new InteractionFigures
        {
            Experiment = other.Key,
            Outcome = goals[goal].Outcome.Name,
            Arm = plan.Arms[arm].Key,
            OtherArm = other.Arms[there],
            Units = (long)four.Sum(m => m.Count),
            IndependenceP = independence,
        };
        var least = four.Min(m => m.Count);
        if (least < Interaction.UnitsPerCell) return figures with { Shortage = new((long)least, (long)Interaction.UnitsPerCell, "units in the smallest of the four groups") };
        if (independence < NotIndependent) return figures with { Shares = true };
        MetricSummary Summary(Moments m) => goals[goal].Outcome.Kind == OutcomeKind.Boolean && MetricSums.IsYesNo(m) ? MetricSummary.OfConversion(m) : MetricSummary.OfMean(m);
        var effect = Interaction.Between(Summary(four[0]), Summary(four[1]), Summary(four[2]), Summary(four[3]));
        var reading = Reading.Fixed(effect, plan.Level);
        return figures with { Estimate = effect.Value, Low = reading.Interval.Low, High = reading.Interval.High, P = reading.P };
    }

    /// <summary>All of them, corrected for how many there are.</summary>
    public static ImmutableArray<InteractionFigures> Corrected(IEnumerable<InteractionFigures> raw)
    {
        var all = raw.ToList();
        var adjusted = MultipleComparisons.BenjaminiHochberg([.. all.Select(i => i.P)]);
        return [.. all.Select((figures, i) => figures with { AdjustedP = adjusted[i], Sentence = Sentence(figures, adjusted[i]) })];
    }

    private static string Sentence(InteractionFigures figures, double p) => figures switch
    {
        { Shortage: { } shortage } => FormattableString.Invariant($"Not enough data: {shortage.Have:N0} of {shortage.Need:N0} {shortage.Of}."),
        { Shares: true } => $"The arms of {figures.Experiment} are not shared out independently of these: the two experiments have a target or a unit’s hash in common, and their effects cannot be told apart.",
        _ when double.IsNaN(p) => "All units of a group have the same value, so nothing can be said.",
        _ when p < Alpha => $"The effect of {figures.Arm} depends on {figures.Experiment}: it differs where units also have {figures.OtherArm}.",
        _ => $"No sign that the effect of {figures.Arm} depends on {figures.Experiment}.",
    };
}
