using System.Collections.Immutable;
using Looper.Core.Optimization;

namespace Looper.Core.Studies;

/// <summary>A study as lists and headers show it.</summary>
public sealed record StudyView
{
    public required Guid Id { get; init; }
    public required string Name { get; init; }

    /// <summary>Key; null where no decision point is tuned.</summary>
    public string? DecisionPoint { get; init; }

    public required StudyState State { get; init; }
    public required StudyPlan Plan { get; init; }
    public string? Reason { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public required string CreatedBy { get; init; }
    public DateTimeOffset? StartedAt { get; init; }
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>Of the plan's trials.</summary>
    public required int TrialsDone { get; init; }

    public required DateTimeOffset UpdatedAt { get; init; }
    public required long Revision { get; init; }

    public bool IsOver => State is StudyState.Finished or StudyState.Stopped;
}

/// <summary>A trial with what the model expects of it.</summary>
public sealed record TrialView
{
    public required int Number { get; init; }
    public required int Batch { get; init; }
    public required StudyTrialState State { get; init; }

    /// <summary>Estimated on logged decisions; nobody met it.</summary>
    public bool IsLogged { get; init; }

    public required ImmutableSortedDictionary<string, ParameterValue> Parameters { get; init; }
    public required ImmutableSortedDictionary<string, TrialMetric> Metrics { get; init; }
    public required string Why { get; init; }
    public long? Units { get; init; }
    public string? Note { get; init; }

    /// <summary>What the model expects of each metric there; empty before it knows anything, and for a failed trial.</summary>
    public ImmutableSortedDictionary<string, TrialMetric> Predicted { get; init; } = ImmutableSortedDictionary<string, TrialMetric>.Empty;

    /// <summary>What the other trials alone foretell of a measured one; empty below three measured trials.</summary>
    public ImmutableSortedDictionary<string, TrialMetric> LeftOut { get; init; } = ImmutableSortedDictionary<string, TrialMetric>.Empty;

    /// <summary>By guardrail: chance that it holds; for a trial that is not measured yet the expected one.</summary>
    public ImmutableSortedDictionary<string, double> Chances { get; init; } = ImmutableSortedDictionary<string, double>.Empty;

    /// <summary>Chance that every guardrail holds, 1 without any; NaN before the model knows anything, and for a failed trial.</summary>
    public double Feasibility { get; init; } = double.NaN;

    /// <summary>With several goals: chance that no other trial beats it in all of them; NaN otherwise.</summary>
    public double OnFront { get; init; } = double.NaN;
}

/// <summary>The trial to keep, as far as one can say.</summary>
/// <param name="Predicted">What the model expects of each metric: the winner's luck is taken out.</param>
/// <param name="IsSafe">It keeps every guardrail with a chance of 95 %.</param>
public sealed record BestTrial(int Trial, ImmutableSortedDictionary<string, ParameterValue> Parameters, ImmutableSortedDictionary<string, TrialMetric> Predicted, double Feasibility, bool IsSafe);

/// <summary>Which of the trials up to one is best, as the model judges them today.</summary>
/// <param name="After">Number of the last trial looked at.</param>
/// <param name="Trial">Number of the best of them.</param>
/// <param name="Goal">What the model expects of the goal there.</param>
public sealed record BestSoFar(int After, int Trial, TrialMetric Goal, double Feasibility);

/// <summary>What a study has learned.</summary>
public sealed record StudyProgress
{
    public required StudyView Study { get; init; }
    public required IReadOnlyList<TrialView> Trials { get; init; }

    /// <summary>Null before the first measured trial, and with several goals.</summary>
    public BestTrial? Best { get; init; }

    /// <summary>The best after each measured trial; empty with several goals.</summary>
    public IReadOnlyList<BestSoFar> BestSoFar { get; init; } = [];

    /// <summary>With several goals: trials that no other one is expected to beat.</summary>
    public IReadOnlyList<BestTrial> Front { get; init; } = [];

    /// <summary>Share of the first goal's variation that each parameter brings; empty until enough is known.</summary>
    public IReadOnlyList<ParameterImportance> Importance { get; init; } = [];

    /// <summary>By metric: how well each trial is foretold by the others.</summary>
    public ImmutableSortedDictionary<string, CrossValidation> CrossValidation { get; init; } = ImmutableSortedDictionary<string, CrossValidation>.Empty;

    /// <summary>Whether everything here rests on logged decisions so far: nobody has met a setting.</summary>
    public bool IsFromLog { get; init; }

    /// <summary>By metric: whether estimates on logged decisions help to foretell live trials; those that do not are left out. Empty without any.</summary>
    public ImmutableSortedDictionary<string, bool> LogHelps { get; init; } = ImmutableSortedDictionary<string, bool>.Empty;

    /// <summary>What comes next and why, in a sentence.</summary>
    public required string Next { get; init; }

    /// <summary>By how much the next settings are expected to beat the best so far, in the goal's metric, 0 or more: those being measured, else the one
    /// that would be tried next. NaN before the model speaks, and with several goals.</summary>
    public double FurtherGain { get; init; } = double.NaN;

    /// <summary>Values that do about as well as the best; empty where it is known exactly, and with several goals.</summary>
    public IReadOnlyList<EquallyGood> EquallyGood { get; init; } = [];

    /// <summary>Parameters whose best value lies at the edge of their range.</summary>
    public IReadOnlyList<string> AtTheEdge { get; init; } = [];
}

public sealed record ParameterImportance(string Parameter, double First, double Total);

/// <summary>A progress with the analysis behind it.</summary>
public sealed record StudyReading(StudyProgress Progress, StudyAnalysis Analysis);

/// <summary>A measured trial on a slice or contour, whatever its other parameters are.</summary>
/// <param name="Y">Its value of the second parameter; null on a slice.</param>
public sealed record SurfaceTrial(int Trial, ParameterValue X, ParameterValue? Y, TrialMetric Metric);

/// <summary>A metric along one parameter, the others as in the best trial.</summary>
/// <param name="X">Values of the parameter; words of a category.</param>
/// <param name="Mean">Expected metric at each.</param>
/// <param name="Deviation">Its standard deviation.</param>
/// <param name="Feasibility">Chance at each that every guardrail holds.</param>
/// <param name="Fixed">The values of the others.</param>
public sealed record Slice(
    string Parameter, string Metric, IReadOnlyList<ParameterValue> X, IReadOnlyList<double> Mean, IReadOnlyList<double> Deviation, IReadOnlyList<double> Feasibility,
    ImmutableSortedDictionary<string, ParameterValue> Fixed, IReadOnlyList<SurfaceTrial> Trials);

/// <summary>A metric over two parameters, the others as in the best trial. Rows go along <paramref name="Y"/>.</summary>
/// <param name="Deviation">Standard deviation of the expected metric.</param>
/// <param name="Feasibility">Chance at each point that every guardrail holds.</param>
/// <param name="Fixed">The values of the others.</param>
public sealed record Contour(
    string XParameter, string YParameter, string Metric, IReadOnlyList<ParameterValue> X, IReadOnlyList<ParameterValue> Y,
    IReadOnlyList<IReadOnlyList<double>> Mean, IReadOnlyList<IReadOnlyList<double>> Deviation, IReadOnlyList<IReadOnlyList<double>> Feasibility,
    ImmutableSortedDictionary<string, ParameterValue> Fixed, IReadOnlyList<SurfaceTrial> Trials);
