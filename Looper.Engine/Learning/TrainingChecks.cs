namespace Looper.Core.Learning;

/// <summary>What rows and settings must be for any learner; each fault is a refusal with the name of what is wrong.</summary>
internal static class TrainingChecks
{
    public static void Demand(DataSet data, DataSet? validation, LearnerSettings settings)
    {
        if (Fault(settings) is { } field) throw Refused("settings-invalid", $"The setting {field}.");
        if (data.Columns.IsEmpty) throw Refused("no-columns", "There is no column to learn from; give at least one.");
        if (data.Columns.Length > 4_096) throw Refused("too-many-columns", $"{data.Columns.Length} columns are more than the 4,096 that a model may have; leave some out.");
        var needed = Math.Max(10, 2 * settings.MinLeafRows);
        if (data.Rows < needed) throw Refused("too-few-rows", $"There are {data.Rows} examples; at least {needed} are needed.");
        if (!settings.Monotone.IsEmpty && settings.Monotone.Length != data.Columns.Length)
            throw Refused("settings-invalid", $"The setting monotone has {settings.Monotone.Length} signs for {data.Columns.Length} columns.");
        Weights(data.Weights);
        var distinct = Labels(data, settings, "row");
        if (distinct.Count < 2) throw Refused("one-label", $"Every example has the label {distinct.Min}: there is nothing to tell apart.");
        if (validation is null) return;
        if (validation.Columns.Length != data.Columns.Length)
            throw Refused("columns-differ", $"The validation rows have {validation.Columns.Length} columns, the training rows {data.Columns.Length}.");
        if (validation.Rows > 0) Weights(validation.Weights);
        if (settings is { Objective: Objective.Multiclass, Classes: 0 }) settings = settings with { Classes = Math.Max(2, (int)data.Labels.Max() + 1) };
        Labels(validation, settings, "validation row");
    }

    private static string? Fault(LearnerSettings s) => s switch
    {
        { Rounds: < 1 or > 10_000 } => "rounds must be from 1 to 10,000",
        { Leaves: < 2 or > 1_024 } => "leaves must be from 2 to 1,024",
        { LearningRate: not (> 0 and <= 1) } => "learningRate must be above 0 and at most 1",
        { L1: not (>= 0 and < double.PositiveInfinity) } => "l1 must be 0 or more",
        { L2: not (>= 0 and < double.PositiveInfinity) } => "l2 must be 0 or more",
        { MinLeafRows: < 0 } => "minLeafRows must be 0 or more",
        { MinLeafHessian: not >= 0 } => "minLeafHessian must be 0 or more",
        { MinGain: not >= 0 } => "minGain must be 0 or more",
        { Bins: < 3 or > 255 } => "bins must be from 3 to 255",
        { FeatureFraction: not (> 0 and <= 1) } => "featureFraction must be above 0 and at most 1",
        { RowFraction: not (> 0 and <= 1) } => "rowFraction must be above 0 and at most 1",
        { Objective: Objective.Quantile, Quantile: not (> 0 and < 1) } => "quantile must be inside 0 and 1",
        { Classes: < 0 or 1 or > 255 } => "classes must be from 2 to 255",
        { Patience: < 1 } => "patience must be at least 1",
        { RankingDepth: < 1 } => "rankingDepth must be at least 1",
        { Threads: < 1 } => "threads must be at least 1",
        _ when !Enum.IsDefined(s.Objective) => "objective is unknown",
        _ => null,
    };

    private static void Weights(double[]? weights)
    {
        if (weights is null) return;
        for (var i = 0; i < weights.Length; i++)
            if (!(weights[i] >= 0 && double.IsFinite(weights[i]))) throw Refused("weight-invalid", $"The weight of row {i} is {weights[i]}; it must be 0 or more.");
        if (!weights.Any(w => w > 0)) throw Refused("no-weight", "Every row has weight 0: there is nothing to learn from.");
    }

    private static SortedSet<double> Labels(DataSet data, LearnerSettings settings, string row)
    {
        var seen = new SortedSet<double>();
        for (var i = 0; i < data.Rows; i++)
        {
            var y = data.Labels[i];
            var right = settings.Objective switch
            {
                Objective.Binary => y is 0 or 1,
                Objective.Multiclass => y >= 0 && y < (settings.Classes == 0 ? 255 : settings.Classes) && y == Math.Floor(y),
                Objective.Poisson => y >= 0 && double.IsFinite(y),
                Objective.Ranking => y is >= 0 and <= 31,
                _ => double.IsFinite(y),
            };
            if (!right) throw Refused("label-out-of-range", $"The label of {row} {i} is {y}, which {settings.Objective} cannot learn; {Wanted(settings)}.");
            if (seen.Count < 2 && (data.Weights is null || data.Weights[i] > 0)) seen.Add(y);
        }
        if (settings.Objective == Objective.Ranking) Groups(data);
        return seen;
    }

    private static void Groups(DataSet data)
    {
        if (data.Groups is null) throw Refused("no-groups", "A ranking needs the query of every row.");
        if (data.Groups.Length != data.Rows) throw Refused("no-groups", $"{data.Groups.Length} queries are given for {data.Rows} rows.");
        var seen = new HashSet<int>();
        for (var i = 0; i < data.Rows; i++)
            if ((i == 0 || data.Groups[i] != data.Groups[i - 1]) && !seen.Add(data.Groups[i]))
                throw Refused("groups-apart", $"The rows of query {data.Groups[i]} do not lie side by side; sort them by query.");
    }

    private static string Wanted(LearnerSettings s) => s.Objective switch
    {
        Objective.Binary => "it must be 0 or 1",
        Objective.Multiclass => $"it must be a whole number from 0 to {(s.Classes == 0 ? 254 : s.Classes - 1)}",
        Objective.Poisson => "it must be 0 or more",
        Objective.Ranking => "it must be from 0 to 31",
        _ => "it must be a finite number",
    };

    /// <summary>Code of the refusal where all that is learned from has one label.</summary>
    public const string OneLabel = "learning.one-label";

    public static UnlearnableException Refused(string what, string reason) => new(new($"learning.{what}", reason));
}
