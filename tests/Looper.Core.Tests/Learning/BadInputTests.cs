using Looper.Core.Learning;
using Looper.Core.Numerics;

namespace Looper.Core.Tests.Learning;

/// <summary>Whatever the rows are like: a model or a clear refusal, never a crash or a silent constant.</summary>
public class BadInputTests
{
    private static readonly Column s_x = new("x", ColumnKind.Number, []);
    private static readonly double[] s_noise = Draw(200, 1), s_labels = [.. s_noise.Select(x => x > 0 ? 1.0 : 0)];

    public static TheoryData<string> Families => ["boosting", "linear", "network"];

    private static double[] Draw(int rows, long seed)
    {
        var random = new Philox(seed);
        return [.. Enumerable.Range(0, rows).Select(_ => random.Normal())];
    }

    private static string Refused(string family, DataSet data, LearnerSettings? settings = null)
    {
        var fault = Assert.Throws<UnlearnableException>(() => Learners.Of(family).Fit(data, null, settings ?? new(), 1, null, default));
        Assert.EndsWith(".", fault.Refusal.Reason, StringComparison.Ordinal);
        return fault.Refusal.Code;
    }

    [Theory, MemberData(nameof(Families))]
    public void One_class_only_is_refused(string family) => Assert.Equal("learning.one-label", Refused(family, new([s_x], [s_noise], new double[200])));

    [Theory, MemberData(nameof(Families))]
    public void Three_rows_are_refused(string family) => Assert.Equal("learning.too-few-rows", Refused(family, new([s_x], [[1, 2, 3]], [0, 1, 0])));

    [Theory, MemberData(nameof(Families))]
    public void Columns_that_never_vary_are_refused(string family)
    {
        Assert.Equal("learning.no-signal", Refused(family, new([s_x], [new double[200]], s_labels)));
        Assert.Equal("learning.no-signal", Refused(family, new([s_x], [[.. Enumerable.Repeat(double.NaN, 200)]], s_labels)));
    }

    [Theory, MemberData(nameof(Families))]
    public void A_constant_or_empty_column_beside_a_good_one_does_no_harm(string family)
    {
        var data = new DataSet([s_x, s_x with { Name = "same" }, s_x with { Name = "gone" }], [s_noise, new double[200], [.. Enumerable.Repeat(double.NaN, 200)]], s_labels);
        Assert.InRange(BinaryMetrics.Of(s_labels, data.Predictions(Learners.Of(family).Fit(data, null, new() { Rounds = 50 }, 1, null, default))).Auc, 0.99, 1);
    }

    [Theory, MemberData(nameof(Families))]
    public void A_column_with_too_few_rows_to_cut_beside_a_good_one_does_no_harm(string family)
    {
        var rare = s_noise.Select((_, i) => i % 40 == 0 ? 1.0 : 0).ToArray(); // 5 of 200: no leaf is that small
        double[] many = [.. s_noise.Select((_, i) => (double)(i % 20))]; // 10 of each level
        DataSet[] pairs = [new([s_x with { Name = "rare" }, s_x], [rare, s_noise], s_labels), new([new("c", ColumnKind.Category, [.. "abcdefghijklmnopqrst".Select(c => $"{c}")]), s_x], [many, s_noise], s_labels)];
        foreach (var data in pairs)
        {
            var fit = Learners.Of(family).Fit(data, null, new() { Rounds = 50 }, 1, null, default);
            Assert.InRange(BinaryMetrics.Of(s_labels, data.Predictions(fit)).Auc, 0.99, 1);
            if (fit is TreeEnsemble trees) Assert.Equal(50, trees.Trees.Length);
        }
    }

    [Theory, MemberData(nameof(Families))]
    public void Infinities_and_huge_numbers_are_learned_around(string family)
    {
        var dirty = s_noise.Select((x, i) => (i % 20) switch { 0 => double.PositiveInfinity, 1 => double.NegativeInfinity, 2 => 1e300, _ => x }).ToArray();
        var data = new DataSet([s_x, s_x], [dirty, s_noise], s_labels);
        var predictions = data.Predictions(Learners.Of(family).Fit(data, null, new() { Rounds = 50 }, 1, null, default));
        Assert.All(predictions, p => Assert.InRange(p, 0, 1));
    }

    [Theory, MemberData(nameof(Families))]
    public void Numbers_too_large_to_add_up_do_a_good_column_no_harm(string family)
    {
        var data = new DataSet([s_x with { Name = "huge" }, s_x], [[.. s_noise.Select((_, i) => i % 2 == 0 ? 1e308 : -1e308)], s_noise], s_labels);
        var predictions = data.Predictions(Learners.Of(family).Fit(data, null, new() { Rounds = 50 }, 1, null, default));
        Assert.InRange(Metrics.Auc(s_labels, predictions).Area, 0.95, 1);
    }

    [Theory, MemberData(nameof(Families))] // the squares of the last are no numbers any more
    public void A_label_out_of_all_measure_gives_a_model_that_can_be_read_or_a_refusal(string family)
    {
        foreach (var absurd in new[] { 1e18, 1e100, 1e155, 1e300 })
        {
            var data = new DataSet([s_x], [s_noise], [.. s_noise.Select((x, i) => i == 7 ? absurd : x)]);
            try
            {
                var fit = Learners.Of(family).Fit(data, null, new() { Objective = Objective.Squared, Rounds = 50 }, 1, null, default);
                Assert.Null(Artefact.Read(Artefact.Write(new(data.Columns, fit))).Refusal);
            }
            catch (UnlearnableException fault)
            {
                Assert.EndsWith(".", fault.Refusal.Reason, StringComparison.Ordinal);
            }
        }
    }

    [Theory, MemberData(nameof(Families))]
    public void Labels_and_weights_out_of_range_are_refused_with_their_row(string family)
    {
        Assert.Equal("learning.label-out-of-range", Refused(family, new([s_x], [s_noise], [.. s_labels.Select((y, i) => i == 7 ? 2 : y)])));
        Assert.Equal("learning.label-out-of-range", Refused(family, new([s_x], [s_noise], [.. s_labels.Select((y, i) => i == 7 ? double.NaN : y)])));
        Assert.Equal("learning.label-out-of-range", Refused(family, new([s_x], [s_noise], [.. s_noise]), new() { Objective = Objective.Poisson }));
        Assert.Equal("learning.weight-invalid", Refused(family, new([s_x], [s_noise], s_labels, [.. s_labels.Select((_, i) => i == 3 ? -1.0 : 1)])));
        Assert.Equal("learning.no-weight", Refused(family, new([s_x], [s_noise], s_labels, new double[200])));
    }

    [Theory, MemberData(nameof(Families))]
    public void Rows_of_weight_zero_do_not_count(string family)
    {
        var wrong = s_labels.Select((y, i) => i < 100 ? y : 1 - y).ToArray();
        var data = new DataSet([s_x], [s_noise], wrong, [.. wrong.Select((_, i) => i < 100 ? 1.0 : 0)]);
        var predictions = data.Predictions(Learners.Of(family).Fit(data, null, new() { Rounds = 100, MinLeafRows = 5 }, 1, null, default));
        Assert.InRange(Metrics.Auc(s_labels, predictions).Area, 0.98, 1);
    }

    [Fact]
    public void A_million_distinct_categories_are_a_model_or_a_refusal_in_bounded_memory()
    {
        const int Rows = 1_000_000;
        var random = new Philox(3);
        var codes = Enumerable.Range(0, Rows).Select(i => (double)i).ToArray();
        var x = Enumerable.Range(0, Rows).Select(_ => random.Uniform()).ToArray();
        var labels = x.Select(v => random.Uniform() < v ? 1.0 : 0).ToArray();
        var columns = new[] { new Column("id", ColumnKind.Category, [.. Enumerable.Range(0, Rows).Select(i => "u")]), s_x };
        var ensemble = Simulated.Boost(new([.. columns], [codes, x], labels), new() { Rounds = 3, Leaves = 4, FeatureFraction = 1 });
        Assert.InRange(Artefact.Write(new([.. columns], ensemble)).Length, 1, 32 << 20);
        Assert.True(ensemble.Predict([5, 0.9]) > ensemble.Predict([5, 0.1]));
    }

    [Theory, InlineData("linear"), InlineData("network")]
    public void Other_families_fold_categories_that_hardly_ever_occur(string family)
    {
        const int Rows = 20_000;
        var random = new Philox(3);
        var x = Enumerable.Range(0, Rows).Select(_ => random.Uniform()).ToArray();
        var columns = new[] { new Column("id", ColumnKind.Category, [.. Enumerable.Range(0, 1_000_000).Select(i => "u")]), s_x };
        var codes = Enumerable.Range(0, Rows).Select(i => 49.0 * i).ToArray(); // codes up to a million, each once
        var fit = Learners.Of(family).Fit(new([.. columns], [codes, x], [.. x.Select(v => random.Uniform() < v ? 1.0 : 0)]), null, new(), 1, null, default);
        Assert.True(fit.Predict([5, 0.9]) > fit.Predict([5, 0.1]) + 0.3);
    }

    [Theory]
    [InlineData("rounds", 0), InlineData("leaves", 1), InlineData("learningRate", 0), InlineData("bins", 2)]
    public void A_setting_out_of_range_is_named(string name, double value)
    {
        var settings = name switch
        {
            "rounds" => new LearnerSettings { Rounds = (int)value },
            "leaves" => new() { Leaves = (int)value },
            "learningRate" => new() { LearningRate = value },
            _ => new() { Bins = (int)value },
        };
        var fault = Assert.Throws<UnlearnableException>(() => Simulated.Boost(new([s_x], [s_noise], s_labels), settings));
        Assert.Equal("learning.settings-invalid", fault.Refusal.Code);
        Assert.Contains(name, fault.Refusal.Reason, StringComparison.Ordinal);
    }
}
