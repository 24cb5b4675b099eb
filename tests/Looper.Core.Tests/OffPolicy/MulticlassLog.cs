using System.Globalization;
using System.Text.Json.Nodes;
using Looper.Core.Files;
using Looper.Core.Learning;
using Looper.Core.OffPolicy;
using Looper.Testing;

namespace Looper.Core.Tests.OffPolicy;

/// <summary>A classification set turned into logged decisions: the option is right when it is the label (data README, ope/multiclass).</summary>
internal sealed record MulticlassLog(double[][] Features, int[] Labels, int[][] Actions, double[][] Logging, double[][] Wanted)
{
    public required JsonNode Reference { get; init; }
    public required JsonNode Accuracy { get; init; }
    public double Truth => (double)Accuracy["true_value"]!;
    public int Options => Logging[0].Length;
    public int Count => Labels.Length;

    public static MulticlassLog Read(string name)
    {
        var (features, labels, actions) = (new List<double[]>(), new List<int>(), new List<int[]>());
        using var file = CsvFile.Open(SharedData.File("ope", "multiclass", name + "_log.csv.gz"));
        int label = file.Header.IndexOf("label"), first = file.Header.IndexOf("action_0"), x = file.Header.IndexOf("x0");
        while (file.Read() is { } row)
        {
            double At(int column) => double.Parse(row[column], CultureInfo.InvariantCulture);
            labels.Add((int)At(label));
            actions.Add([.. Enumerable.Range(first, 20).Select(c => (int)At(c))]);
            features.Add([.. Enumerable.Range(x, file.Header.Length - x).Select(At)]);
        }
        var (logging, mode) = (Matrix(name + "_pi_b"), Matrix(name + "_pi_e_mode"));
        var reference = JsonNode.Parse(File.ReadAllText(SharedData.File("ope", "multiclass", name + "_reference.json")))!;
        double[][] wanted = [.. mode.Select(m => Enumerable.Range(0, logging[0].Length).Select(a => 0.1 / logging[0].Length + (a == (int)m[0] ? 0.9 : 0)).ToArray())];
        return new([.. features], [.. labels], [.. actions], logging, wanted) { Reference = reference["rep0"]!, Accuracy = reference["accuracy"]! };
    }

    public static double[][] Matrix(string name)
    {
        using var file = CsvFile.Open(SharedData.File("ope", "multiclass", name + ".csv.gz"));
        var rows = new List<double[]>();
        while (file.Read() is { } row) rows.Add([.. row.Select(c => double.Parse(c, CultureInfo.InvariantCulture))]);
        return [.. rows];
    }

    /// <summary>Root mean squared error of the reference's estimator over the 20 logs.</summary>
    public double ErrorOf(string estimator) => (double)Accuracy["rmse_over_20_logs"]![estimator]!;

    public double BestError => Accuracy["rmse_over_20_logs"]!.AsObject().Min(e => (double)e.Value!);

    public double[] Rewards(int log) => [.. Labels.Select((y, i) => Actions[i][log] == y ? 1.0 : 0)];

    public LoggedRows Rows(int log) => new(
        [.. Labels.Select((_, i) => Wanted[i][Actions[i][log]] / Logging[i][Actions[i][log]])], Rewards(log), [.. Enumerable.Range(0, Count)]) { RewardRange = (0, 1) };

    public ModelledRewards Apply(double[][] predictions, int log) =>
        RewardModel.Apply([.. predictions.SelectMany(p => p)], Taken(log), [.. Wanted.SelectMany(p => p)], Options);

    /// <summary>Looper's own reward model, five folds: plain, and fitted for the doubly robust estimate.</summary>
    public (ModelledRewards Plain, ModelledRewards Robust) Fitted(int log)
    {
        int[] taken = Taken(log), folds = [.. Enumerable.Range(0, Count).Select(i => i % 5)];
        double[][] columns = [.. Enumerable.Range(0, Features[0].Length).Select(j => Features.Select(f => f[j]).ToArray())];
        var contexts = new DataSet([.. columns.Select((_, j) => new Column($"x{j}", ColumnKind.Number, []))], columns, Rewards(log));
        double[] robust = [.. taken.Select((a, i) => LoggedRows.RobustWeight(Wanted[i][a], Logging[i][a]))], policy = [.. Wanted.SelectMany(p => p)];
        double[] squares = [.. Rows(log).Weights.Select(w => w * w)];
        ModelledRewards Fit(double[]? by) => RewardBlend.Of(
            RewardModel.CrossFit(contexts, taken, Options, folds, new() { Weights = by, RewardRange = (0, 1), Seed = log + 1 }), taken, policy, Options, folds, Rewards(log), by ?? squares, (0, 1));
        return (Fit(null), Fit(robust));
    }

    public int[] Taken(int log) => [.. Actions.Select(a => a[log])];
}
