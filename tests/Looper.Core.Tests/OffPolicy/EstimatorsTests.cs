using System.Globalization;
using System.Text.Json.Nodes;
using Looper.Core.Files;
using Looper.Core.OffPolicy;
using Looper.Core.Statistics;
using Looper.Testing;

namespace Looper.Core.Tests.OffPolicy;

/// <summary>Every estimator against the Open Bandit Pipeline's numbers on its own inputs (data README, ope).</summary>
public class EstimatorsTests
{
    private sealed record Log(double[] Weights, double[] Rewards, double[] Predicted, double[] Values);

    [Theory, InlineData("binary_seed1"), InlineData("continuous_seed2")]
    public void Synthetic_logs_are_reproduced(string name)
    {
        Assert.SkipUnless(SharedData.IsHere, SharedData.Absent);
        using var file = CsvFile.Open(SharedData.File("ope", "synthetic", name + ".csv.gz"));
        List<double> w = [], r = [], q = [], m = [];
        while (file.Read() is { } row)
        {
            double At(string column) => double.Parse(row[file.Header.IndexOf(column)], CultureInfo.InvariantCulture);
            var action = (int)At("action");
            w.Add(At($"pe{action}") / At("pscore"));
            r.Add(At("reward"));
            q.Add(At($"q{action}"));
            m.Add(Value([.. Enumerable.Range(0, 8).Select(a => At($"pe{a}"))], [.. Enumerable.Range(0, 8).Select(a => At($"q{a}"))]));
        }

        Compare(new([.. w], [.. r], [.. q], [.. m]), JsonNode.Parse(File.ReadAllText(SharedData.File("ope", "synthetic", name + "_reference.json")))!, 1e-9);
    }

    [Theory, InlineData("digits", 10, 1e-9), InlineData("satellite", 6, 1e-7)]
    public void Classification_logs_are_reproduced(string name, int actions, double tolerance)
    {
        Assert.SkipUnless(SharedData.IsHere, SharedData.Absent);
        double[][] pb = Rows(name + "_pi_b"), q = Rows(name + "_qhat_rep0"), mode = Rows(name + "_pi_e_mode");
        using var file = CsvFile.Open(SharedData.File("ope", "multiclass", name + "_log.csv.gz"));
        int label = file.Header.IndexOf("label"), taken = file.Header.IndexOf("action_0");
        var log = new Log(new double[pb.Length], new double[pb.Length], new double[pb.Length], new double[pb.Length]);
        for (var i = 0; file.Read() is { } row; i++)
        {
            int action = int.Parse(row[taken], CultureInfo.InvariantCulture), truth = int.Parse(row[label], CultureInfo.InvariantCulture);
            double[] pe = [.. Enumerable.Range(0, actions).Select(a => 0.1 / actions + (a == (int)mode[i][0] ? 0.9 : 0))];
            (log.Weights[i], log.Rewards[i], log.Predicted[i]) = (pe[action] / pb[i][action], action == truth ? 1 : 0, q[i][action]);
            log.Values[i] = Value(pe, q[i]);
        }

        Compare(log, JsonNode.Parse(File.ReadAllText(SharedData.File("ope", "multiclass", name + "_reference.json")))!["rep0"]!, tolerance);
    }

    [Fact] // two rows of one unit that always agree are worth one row
    public void Rows_of_one_unit_are_not_independent()
    {
        double[] w = [1, 1, 1, 1, 1, 1], r = [1, 1, 0, 0, 1, 1];
        PolicyValue apart = Estimators.Ips([1, 1, 1], [1, 0, 1]), together = Estimators.Ips(w, r, [0, 0, 1, 1, 2, 2]);
        Assert.Equal(apart.Value, together.Value, 1e-12);
        Assert.Equal(apart.StandardError, together.StandardError, 1e-12);
        Assert.True(Estimators.Ips(w, r).StandardError < together.StandardError);
    }

    [Fact]
    public void A_policy_the_log_never_followed_has_no_value()
    {
        Assert.Equal(Cause.NoOverlap, Estimators.Snips([0, 0, 0], [1, 0, 1]).Why);
        Assert.Equal(Cause.TooFewUnits, Estimators.Ips([], []).Why);
    }

    [Fact] // statistics.md D3: silent when propensities are right, heard when they are divided by 1.2
    public void Wrong_propensities_are_noticed()
    {
        Assert.SkipUnless(SharedData.IsHere, SharedData.Absent);
        using var file = CsvFile.Open(SharedData.File("ope", "synthetic", "binary_seed1.csv.gz"));
        var weights = new List<double>();
        while (file.Read() is { } row)
        {
            double At(string column) => double.Parse(row[file.Header.IndexOf(column)], CultureInfo.InvariantCulture);
            weights.Add(At($"pe{(int)At("action")}") / At("pscore"));
        }

        Assert.False(WeightFigures.Of([.. weights]).IsMisfit);
        Assert.True(WeightFigures.Of([.. weights.Select(w => w * 1.2)]).IsMisfit);
        Assert.True(WeightFigures.Of([1e300, 1, 1, 1e308, 1e308]).IsThin); // what they add up to is no number
    }

    [Fact] // the places of a ranking share what was drawn above them: 400 draws of 0.1 or 2.1 seen three times each say no more than 400
    public void Rows_of_one_unit_that_move_together_are_no_more_evidence_against_the_propensities()
    {
        double[] weights = [.. Enumerable.Range(0, 1_200).Select(i => i / 3 % 2 == 0 ? 0.1 : 2.1)]; // mean 1.1, standard error 1/√399 by unit and 1/√1199 by row
        int[] units = [.. Enumerable.Range(0, 1_200).Select(i => i / 3)];
        Assert.Equal(1 / Math.Sqrt(399), WeightFigures.Of(weights, units).MeanError, 1e-9);
        Assert.False(WeightFigures.Of(weights, units).IsMisfit);
        Assert.True(WeightFigures.Of(weights).IsMisfit);
    }

    private static double Value(double[] pe, double[] q) => pe.Zip(q, (p, v) => p * v).Sum() / pe.Sum();

    private static double[][] Rows(string name)
    {
        using var file = CsvFile.Open(SharedData.File("ope", "multiclass", name + ".csv.gz"));
        var rows = new List<double[]>();
        while (file.Read() is { } row) rows.Add([.. row.Select(c => double.Parse(c, CultureInfo.InvariantCulture))]);
        return [.. rows];
    }

    private static void Compare(Log log, JsonNode expected, double tolerance)
    {
        PolicyValue Robust(Func<double, double> shrink) => Estimators.DoublyRobust(log.Weights, log.Rewards, log.Predicted, log.Values, shrink);
        var answers = new Dictionary<string, PolicyValue>
        {
            ["ips"] = Estimators.Ips(log.Weights, log.Rewards),
            ["ips_clip10"] = Estimators.ClippedIps(log.Weights, log.Rewards, 10),
            ["snips"] = Estimators.Snips(log.Weights, log.Rewards),
            ["dm"] = Estimators.Direct(log.Values),
            ["dr"] = Estimators.DoublyRobust(log.Weights, log.Rewards, log.Predicted, log.Values),
            ["dr_clip10"] = Robust(Estimators.Clip(10)),
            ["sndr"] = Estimators.SelfNormalisedDoublyRobust(log.Weights, log.Rewards, log.Predicted, log.Values),
            ["switch_dr_1"] = Robust(Estimators.Switch(1)),
            ["switch_dr_3"] = Robust(Estimators.Switch(3)),
            ["switch_dr_10"] = Robust(Estimators.Switch(10)),
            ["dr_os_1"] = Robust(Estimators.Shrink(1)),
            ["dr_os_10"] = Robust(Estimators.Shrink(10)),
            ["dr_os_100"] = Robust(Estimators.Shrink(100)),
            ["sg_ips_0.1"] = Estimators.DoublyRobust(log.Weights, log.Rewards, new double[log.Weights.Length], new double[log.Weights.Length], Estimators.SubGaussian(0.1)),
            ["sg_dr_0.1"] = Robust(Estimators.SubGaussian(0.1)),
        };
        foreach (var (name, answer) in answers)
        {
            Close((double)expected[name]!["value"]!, answer.Value, tolerance, name);
            if (name != "snips") Close((double)expected[name]!["se_round_rewards"]!, answer.StandardError, tolerance, name + " se");
        }

        var figures = WeightFigures.Of(log.Weights);
        Close((double)expected["_diag"]!["ess"]!, figures.EffectiveRows, tolerance, "ess");
        Close((double)expected["_diag"]!["mean_iw"]!, figures.MeanWeight, tolerance, "mean weight");
        Close((double)expected["_diag"]!["max_iw"]!, figures.LargestWeight, tolerance, "largest weight");
        Close((double)expected["_diag"]!["snips_delta_se"]!, answers["snips"].StandardError, tolerance, "snips delta se");
        var interval = answers["ips"].At(0.95);
        Close((double)expected["ips"]!["normal_ci"]![0]!, interval.Low, tolerance, "ips low");
        Close((double)expected["ips"]!["normal_ci"]![1]!, interval.High, tolerance, "ips high");
    }

    private static void Close(double expected, double actual, double tolerance, string name) =>
        Assert.True(Math.Abs(expected - actual) <= tolerance * Math.Abs(expected), $"{name}: {actual} where {expected} is expected");
}
