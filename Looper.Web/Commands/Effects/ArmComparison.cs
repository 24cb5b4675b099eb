using System.Collections.Immutable;
using Looper.Core.Causal;
using Looper.Core.Learning;
using Looper.Core.Statistics;
using Looper.Web.Commands.Files;

namespace Looper.Web.Commands.Effects;

/// <summary>One treatment against control: the effect of every row, and the figures of the report.</summary>
/// <param name="Name">The treatment.</param>
/// <param name="Effects">One per row of the file.</param>
/// <param name="Intervals">One per row of the file.</param>
/// <param name="Figures">What the report says of it.</param>
/// <param name="Lines">The same in a few sentences.</param>
internal sealed record ArmComparison(string Name, double[] Effects, Interval[] Intervals, Dictionary<string, object?> Figures, ImmutableArray<string> Lines)
{
    private const double Level = 0.95;
    private const int FewestJudged = 100;

    public static ArmComparison Of(EffectsData data, int arm, EffectsPlan asked, EffectPlan plan)
    {
        var name = data.Names[arm - 1];
        int[] learned = [.. data.Train.Where(i => data.Arms[i] == 0 || data.Arms[i] == arm)];
        bool Treated(int i) => data.Arms[i] == arm;
        var counts = (Treated: learned.Count(Treated), Control: learned.Count(i => !Treated(i)));
        if (Math.Min(counts.Treated, counts.Control) < 20)
            throw new FileFault($"--treatment: '{name}' has {counts.Treated} rows to learn from and the control {counts.Control}; give each at least 20.");
        if (learned.All(i => data.Units.Labels[i].Equals(data.Units.Labels[learned[0]])))
            throw new FileFault($"--outcome: '{asked.Outcome}' is {CommandFile.Text(data.Units.Labels[learned[0]])} in every row to learn from with '{name}' or the control; no effect can be told from that.");
        var (propensity, note) = Propensities.Of(data, arm, learned);
        if (note is not null) System.Console.Error.WriteLine($"{name}: {note}");
        var arms = new TwoArms(data.Units.Take(learned), [.. learned.Select(Treated)], propensity is null ? null : Array.ConvertAll(learned, i => propensity[i]), plan.Seed);
        var analysis = EffectAnalysis.Of(arms, plan);
        var (effects, intervals) = OfRows(data.Units, analysis, learned, plan);
        int[] judged = [.. data.Test.Where(i => (data.Arms[i] == 0 || data.Arms[i] == arm) && double.IsFinite(data.Units.Labels[i]))];
        var judge = judged.Length >= FewestJudged && judged.Any(Treated) && judged.Any(i => !Treated(i))
            ? Judge(data.Units.Take(judged), [.. judged.Select(Treated)], Array.ConvertAll(judged, i => effects[i]),
                analysis.ScoresOf(data.Units.Take(judged), [.. judged.Select(Treated)], propensity is null ? null : Array.ConvertAll(judged, i => propensity[i])), propensity, plan)
            : Judge(arms.Units, arms.Treated, analysis.Models.Effects, analysis.Scores, propensity, plan)
                with { Rate = analysis.Validation.Rate, RateP = analysis.Validation.RateP };
        var report = Report(arms, analysis, judge, propensity is not null);
        var rule = ChosenRule.Of(arms, analysis, asked, Level, plan.Cancel);
        var written = RuleReport.Of(rule, arms.Units, data.Control, name);
        report["rule"] = written;
        return new(name, effects, intervals, report,
            EffectWords.Of(name, data.Control, analysis, (string)report["verdict"]!, rule, asked, (string?)written["rule"], (string[])report["warnings"]!));
    }

    private sealed record Judgement(double Rate, double RateP, double Qini, double Auuc);

    private static Judgement Judge(DataSet units, bool[] treated, double[] ranking, double[] scores, double[]? propensity, EffectPlan plan)
    {
        var rate = RankedEffect.Of(ranking, scores, plan.Seed);
        var constant = propensity is not null && propensity.Distinct().Take(2).Count() == 1;
        var uplift = constant ? Looper.Core.Causal.Uplift.Of(ranking, treated, units.Labels) : Looper.Core.Causal.Uplift.OfScores(ranking, scores);
        return new(rate.Autoc, rate.P, uplift.Qini, uplift.Auuc);
    }

    private static (double[], Interval[]) OfRows(DataSet units, EffectAnalysis analysis, int[] learned, EffectPlan plan)
    {
        var (effects, intervals, done) = (new double[units.Rows], new Interval[units.Rows], new bool[units.Rows]);
        foreach (var (unit, k) in analysis.OfUnits(Level).Select((u, k) => (u, k))) (effects[learned[k]], intervals[learned[k]], done[learned[k]]) = (unit.Effect, unit.Interval, true);
        ParallelOptions bound = new() { MaxDegreeOfParallelism = plan.Threads, CancellationToken = plan.Cancel };
        Parallel.For(0, units.Rows, bound, () => new double[units.Columns.Length], (i, _, row) =>
        {
            if (done[i]) return row;
            units.CopyRow(i, row);
            (effects[i], intervals[i]) = analysis.OfUnit(row, Level);
            return row;
        }, _ => { });
        return (effects, intervals);
    }

    private static Dictionary<string, object?> Report(TwoArms arms, EffectAnalysis analysis, Judgement judge, bool known)
    {
        var interval = analysis.Average.At(Level);
        return new()
        {
            ["learner"] = analysis.Models.Learner,
            ["weights"] = analysis.Models.Weights,
            ["units"] = arms.Count,
            ["ate"] = CommandFile.Figure(analysis.Average.Value),
            ["lower"] = CommandFile.Figure(interval.Low),
            ["upper"] = CommandFile.Figure(interval.High),
            ["heterogeneityP"] = CommandFile.Figure(analysis.Validation.HeterogeneityP),
            ["rate"] = CommandFile.Figure(judge.Rate),
            ["rateP"] = CommandFile.Figure(judge.RateP),
            ["qini"] = CommandFile.Figure(judge.Qini),
            ["auuc"] = CommandFile.Figure(judge.Auuc),
            ["differs"] = analysis.Validation.Differs,
            ["verdict"] = EffectDrivers.Verdict(arms.Units, analysis.Models.Effects, analysis.Validation),
            ["propensities"] = known ? "given" : "estimated",
            ["extremePropensities"] = CommandFile.Figure(analysis.ExtremeShare),
            ["overlapWeightedEffect"] = CommandFile.Figure(analysis.Overlapping.Value),
            ["warnings"] = analysis.IsThin ? new[] { FormattableString.Invariant($"{analysis.ExtremeShare:0%} of the units had next to no chance of one of the arms: read the overlap-weighted effect.") } : Array.Empty<string>(),
        };
    }
}
