using System.Collections.Immutable;
using Looper.Core.Blueprints;
using Looper.Core.Events;
using Looper.Core.Experiments;
using Looper.Core.Serving;

namespace Looper.Core.Tests.Experiments;

/// <summary>Units of an experiment made in memory, and the settings around them.</summary>
internal static class Exposed
{
    public static readonly DateTimeOffset Start = new(2026, 3, 1, 0, 0, 0, TimeSpan.Zero);

    public static ExposedUnit Unit(int arm, double[] values, byte[]? served = null, bool closed = true, Reason reason = Reason.Experiment, int version = 1, bool crossed = false) => new(
        new DecisionRecord
        {
            Id = "d",
            DecisionPointId = Guid.Empty,
            Unit = "u",
            Time = Start,
            BlueprintVersion = version,
            Option = 0,
            Propensity = 0.5,
            Reason = reason,
            Arm = arm,
            Served = served ?? [],
            Marks = reason >= Reason.DefaultNoModel && reason != Reason.Stale ? RecordMarks.Default : RecordMarks.None,
        },
        [.. values.Select(v => closed ? v : double.NaN)], [.. values], [.. values.Select(_ => closed)], 1, crossed);

    public static BlueprintContent Blueprint(params Outcome[] outcomes) => new()
    {
        Shape = DecisionShape.Choice,
        Options = [new("a"), new("b"), new("c")],
        Default = "a",
        Outcomes = [.. outcomes],
        Goal = new() { Terms = [new(outcomes[0].Name)] },
    };

    public static ExperimentPlan Plan(params (string Key, double Weight)[] arms) => new()
    {
        Arms = [.. arms.Select((a, i) => new Arm(a.Key, a.Weight) { Option = i == 0 ? "a" : "b" })],
        BlueprintVersion = 1,
    };

    public static ReportSettings Settings(ExperimentPlan plan, string primary, ExperimentState state = ExperimentState.Running, double days = 10) => new()
    {
        ExperimentId = Guid.Empty,
        Experiment = "test",
        DecisionPoint = "point",
        State = state,
        StartedAt = Start,
        DataUntil = Start.AddDays(days),
        Plan = plan,
        PrimaryOutcome = primary,
    };

    public static ReportContent Report(
        ReportSettings settings, BlueprintContent blueprint, IEnumerable<ExposedUnit> units, CovariateReader? covariates = null,
        Dictionary<int, ImmutableArray<Feature>>? features = null)
    {
        var analysis = new ExperimentAnalysis(settings, blueprint, covariates ?? CovariateReader.None, features ?? []);
        foreach (var unit in units) analysis.Add(unit);
        return analysis.Finish();
    }

    public static byte[] Served(params double[] numbers)
    {
        var row = new byte[ServedRow.MaxNumberBytes * numbers.Length];
        var length = 0;
        foreach (var number in numbers) length += ServedRow.WriteNumber(row.AsSpan(length), number);
        return row[..length];
    }
}
