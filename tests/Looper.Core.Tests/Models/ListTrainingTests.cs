using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Looper.Core.Blueprints;
using Looper.Core.Events;
using Looper.Core.Learning;
using Looper.Core.Models;
using Looper.Core.Monitoring;
using Looper.Core.Numerics;
using Looper.Core.Serving;

namespace Looper.Core.Tests.Models;

/// <summary>Truth: the banner of sport sells to those with the tag, that of the sea to those whose third number is above 0; the rest is noise.</summary>
public sealed class ListTrainingTests
{
    private static readonly string[] Words = ["sport", "news", "music", "food"];

    private static readonly BlueprintContent Blueprint = new()
    {
        Shape = DecisionShape.Choice,
        Options = [new("sport"), new("sea")],
        Default = "sport",
        Features = [new("interests", FeatureKind.Tags), new("embedding", FeatureKind.Vector) { Dimension = 4 }, new("noise", FeatureKind.Number)],
        Outcomes = [new("bought", OutcomeKind.Boolean) { Window = TimeSpan.FromHours(1) }],
        Goal = new() { Terms = [new("bought")] },
        Training = new() { SearchSeconds = 0 },
    };

    private static readonly Lazy<(Trained Trained, ExampleReading Reading)> s_fitted = new(() => Fit(ModelFamily.Trees));

    [Fact]
    public void A_model_learns_from_a_tag_and_from_a_number_of_a_vector()
    {
        var trained = s_fitted.Value.Trained;
        Assert.True(trained.Evidence.Holds, trained.Evidence.Verdict);
        Assert.True(Right(trained.Predictor) > 0.95, $"{Right(trained.Predictor):0.000} of the answers are the best");
    }

    [Theory, InlineData(ModelFamily.Linear), InlineData(ModelFamily.Network)]
    public void Every_family_learns_from_lists(ModelFamily family) => Assert.NotNull(Fit(family).Trained);

    [Fact] // the row of training, byte for byte what was served, and value for value what the scorer sees
    public void T33_training_encodes_what_serving_encodes()
    {
        var (trained, reading) = s_fitted.Value;
        var versions = new VersionTable(Blueprint, [new(1, Blueprint)]);
        int[] rows = [.. Enumerable.Range(0, 200)];
        var data = new DataSetBuilder(Blueprint, versions, reading.Examples).Build(trained.Predictor.Columns, rows, 0);
        var (encoder, reader, workspace) = (new ModelEncoder(trained.Predictor.Columns, Blueprint.Features, ["sport", "sea"]), new ContextReader(Blueprint.Features), new DecisionWorkspace());
        var (served, learned) = (new double[encoder.Width], new double[encoder.Width]);
        foreach (var i in rows)
        {
            var call = Call.Of(i, 1);
            reader.Read(call.Context, workspace);
            Assert.Equal(workspace.Served.ToArray(), reading.Examples.Served(i).ToArray());
            encoder.Encode(workspace.Served, served);
            encoder.SetOption(call.Option, served);
            data.CopyRow(i, learned);
            Assert.Equal(served, learned);
        }
    }

    [Fact]
    public void The_commonest_tags_have_a_column_and_every_number_of_a_vector()
    {
        var columns = s_fitted.Value.Trained.Predictor.Columns.Select(c => c.Name);
        Assert.Equal(
            [ModelEncoder.OptionColumn, "interests", "interests[food]", "interests[music]", "interests[news]", "interests[sport]", "embedding[0]", "embedding[1]", "embedding[2]", "embedding[3]", "noise"], columns);
        var versions = new VersionTable(Blueprint, [new(1, Blueprint)]);
        var few = new DataSetBuilder(Blueprint, versions, s_fitted.Value.Reading.Examples).ColumnsOf([.. Enumerable.Range(0, 500)], mostOfLists: 3);
        Assert.Equal([(ModelEncoder.OptionColumn, 1), ("interests", 4), ("noise", 1)], few.CountBy(c => Column.FeatureOf(c.Name)).Select(f => (f.Key, f.Value))); // no room for the vector
    }

    [Fact]
    public void What_a_list_is_worth_and_moves_is_said_of_the_feature()
    {
        var trained = s_fitted.Value.Trained;
        Assert.Equal(["@option", "embedding", "interests", "noise"], trained.Importance.Select(i => i.Feature).Order(StringComparer.Ordinal));
        Assert.All(trained.Importance.Where(i => i.Feature is "interests" or "embedding"), i => Assert.True(i.Low > 0, $"{i}"));
        Assert.Contains("interests[sport]", trained.Behaviour.Dependence.Select(d => d.Feature));
        Assert.Contains("embedding[2]", trained.Behaviour.Dependence.Select(d => d.Feature));
        var values = new Dictionary<string, string> { [ModelEncoder.OptionColumn] = "sport", ["interests"] = "sport|news", ["embedding"] = "[0, 0, 1, 0]" };
        var explained = Explanation.Of(trained.Predictor, values).Value!;
        Assert.Equal(explained.Prediction - explained.Typical, explained.Contributions.Sum(c => c.Moves), tolerance: 1e-9);
        Assert.Equal(["@option", "embedding", "interests", "noise"], explained.Contributions.Select(c => c.Feature).Order(StringComparer.Ordinal));
        var without = Explanation.Of(trained.Predictor, values.ToImmutableDictionary().SetItem("interests", "[]")).Value!;
        Assert.True(explained.Prediction > without.Prediction + 0.2, $"{explained.Prediction} with, {without.Prediction} without");
    }

    [Theory, InlineData("embedding", "[1, 2]"), InlineData("embedding", "a|b|c|d"), InlineData("interests", "[1, {}]"), InlineData("interests[sport]", "1")]
    public void A_typed_list_that_does_not_fit_is_refused_by_name(string feature, string text)
    {
        var refusal = Explanation.Of(s_fitted.Value.Trained.Predictor, new Dictionary<string, string> { [feature] = text }).Refusal!;
        Assert.Equal(("feature.invalid", feature), (refusal.Code, refusal.Field));
    }

    [Fact]
    public void Drift_is_seen_of_tags_and_of_the_length_of_vectors()
    {
        var profile = s_fitted.Value.Trained.Profile;
        DriftFigure[] Look(long seed, Func<Call, Call> change)
        {
            var (counter, reader, workspace) = (profile.Counter(), new ContextReader(Blueprint.Features), new DecisionWorkspace());
            for (var i = 0; i < 1_000; i++)
            {
                reader.Read(change(Call.Of(i, seed)).Context, workspace);
                counter.Add(Blueprint.Features, workspace.Served);
            }
            return [.. Drift.OfFeatures(profile, counter)];
        }
        Assert.All(Look(7, c => c), f => Assert.Null(f.Condition));
        Assert.All(Look(7, c => c with { Tags = ["gardens"], Embedding = [.. c.Embedding.Select(x => 5 * x)] }).Where(f => f.Subject != "noise"), f => Assert.Equal(Drift.Feature, f.Condition));
    }

    [Fact] // filled in after the fact: there where it learned, and in no live decision
    public void A_vector_that_is_missing_live_is_seen_in_the_shadow()
    {
        var (trained, _) = s_fitted.Value;
        var (versions, reader, workspace) = (new VersionTable(Blueprint, [new(1, Blueprint)]), new ContextReader(Blueprint.Features), new DecisionWorkspace());
        var live = new ExampleReading(Blueprint.Outcomes, versions, provisional: false);
        for (var i = 0; i < 300; i++)
        {
            reader.Read(Encoding.UTF8.GetBytes($$"""{"interests":{{ListText.Of(Call.Of(i, 1).Tags)}},"noise":1}"""), workspace);
            live.Add(new(new() { Id = $"l-{i}", DecisionPointId = default, Unit = $"u-{i}", Time = Simulated.Start, BlueprintVersion = 1, Option = 0, Propensity = 1, Reason = Reason.Explore, Served = workspace.Served.ToArray() }, [0], [0], [true], 0), new double[1]);
        }
        var shadow = new Shadowing(Blueprint, versions, live.Examples, Blueprint.Outcomes[0], TimeProvider.System)
            .Compare(trained.Predictor, new(1, trained.Predictor, Simulated.Start, Simulated.Start), new(PredictionTask.Binary), trained.Profile);
        Assert.Equal(("embedding", 1.0), (shadow.Worst!.Feature, shadow.Worst.Now));
        var judged = ShadowGate.Judge(shadow, new(), Simulated.Start);
        Assert.Contains(judged.Lines, l => l.Rule == "Features are there as where it learned" && !l.Holds);
        Assert.Empty(judged.Lines.Select(l => l.Rule).Intersect(trained.Evidence.Lines.Select(l => l.Rule))); // both stand in one table
    }

    [Fact] // where it learned each unit was counted once
    public void One_unit_that_never_sends_a_feature_does_not_speak_for_all()
    {
        var (trained, _) = s_fitted.Value;
        var (versions, reader, workspace) = (new VersionTable(Blueprint, [new(1, Blueprint)]), new ContextReader(Blueprint.Features), new DecisionWorkspace());
        var live = new ExampleReading(Blueprint.Outcomes, versions, provisional: false);
        for (var i = 0; i < 600; i++)
        {
            var (call, isBare) = (Call.Of(i, 1), i % 2 == 1);
            reader.Read(isBare ? Encoding.UTF8.GetBytes($$"""{"interests":{{ListText.Of(call.Tags)}},"noise":1}""") : call.Context, workspace);
            live.Add(new(new() { Id = $"l-{i}", DecisionPointId = default, Unit = isBare ? "crawler" : $"u-{i}", Time = Simulated.Start.AddSeconds(i), BlueprintVersion = 1, Option = 0, Propensity = 1, Reason = Reason.Explore, Served = workspace.Served.ToArray() }, [0], [0], [true], 0), new double[1]);
        }
        var shadow = new Shadowing(Blueprint, versions, live.Examples, Blueprint.Outcomes[0], TimeProvider.System)
            .Compare(trained.Predictor, new(1, trained.Predictor, Simulated.Start, Simulated.Start), new(PredictionTask.Binary), trained.Profile);
        Assert.Equal(1 / 301.0, shadow.Coverage.Single(c => c.Feature == "embedding").Now, tolerance: 1e-12);
    }

    [Fact]
    public void Features_are_dropped_with_all_their_columns()
    {
        var trained = Fit(ModelFamily.Trees, plan => plan with { Selection = new() { IsOn = true, Tolerance = 0.001 } }).Trained;
        Assert.Equal(["noise"], trained.Preparation.Selection!.Dropped);
        Assert.Equal(["interests", "embedding"], trained.Preparation.Selection.Kept);
    }

    private static double Right(TrainedPredictor predictor)
    {
        var (encoder, reader, workspace) = (new ModelEncoder(predictor.Columns, Blueprint.Features, ["sport", "sea"]), new ContextReader(Blueprint.Features), new DecisionWorkspace());
        var (row, right) = (new double[encoder.Width], 0);
        for (var i = 0; i < 2_000; i++)
        {
            var call = Call.Of(i, 99);
            reader.Read(call.Context, workspace);
            encoder.Encode(workspace.Served, row);
            encoder.SetOption(0, row);
            var sport = predictor.Predict(row);
            encoder.SetOption(1, row);
            if (call.Chance(sport > predictor.Predict(row) ? 0 : 1) >= Math.Max(call.Chance(0), call.Chance(1))) right++;
        }
        return right / 2_000.0;
    }

    private static (Trained Trained, ExampleReading Reading) Fit(ModelFamily family, Func<TrainingPlan, TrainingPlan>? change = null)
    {
        var content = Blueprint with { Training = (change ?? (p => p))(Blueprint.Training with { Family = family }) };
        var versions = new VersionTable(content, [new(1, content)]);
        var reading = new ExampleReading(content.Outcomes, versions, provisional: false);
        var (labels, reader, workspace) = (new double[1], new ContextReader(content.Features), new DecisionWorkspace());
        for (var i = 0; i < 5_000; i++)
        {
            var call = Call.Of(i, 1);
            reader.Read(call.Context, workspace);
            var record = new DecisionRecord
            {
                Id = $"d-{i}", DecisionPointId = default, Unit = $"u-{i}", Time = Simulated.Start.AddMinutes(i), BlueprintVersion = 1, Option = call.Option, Propensity = 0.5, Reason = Reason.Explore,
                Served = workspace.Served.ToArray(),
            };
            reading.Add(new(record, [call.Bought], [call.Bought], [true], 0), labels);
        }
        var fitted = new Trainer(content, versions, reading.Examples, TimeProvider.System).Fit(reading.RowsOf(0), null, "by hand", 1, (_, _) => { }, default);
        return (fitted.Value ?? throw new InvalidOperationException(fitted.Refusal!.Reason), reading);
    }

    private sealed record Call(string[] Tags, double[] Embedding, double Noise, int Option, double Bought)
    {
        public static Call Of(int i, long seed)
        {
            var random = new Philox(seed, "lists", i);
            string[] tags = [.. Words.Where(_ => random.Uniform() < 0.4)];
            double[] embedding = [.. Enumerable.Range(0, 4).Select(_ => Math.Round(random.Normal(), 6))];
            var call = new Call(tags, embedding, Math.Round(random.Normal(), 3), random.Below(2), 0);
            return call with { Bought = random.Uniform() < call.Chance(call.Option) ? 1 : 0 };
        }

        public byte[] Context => Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture,
            $$"""{"interests":{{ListText.Of(Tags)}},"embedding":[{{string.Join(',', Embedding.Select(x => x.ToString("R", CultureInfo.InvariantCulture)))}}],"noise":{{Noise}}}"""));

        public double Chance(int option) => (option == 0 ? Tags.Contains("sport") : Embedding[2] > 0) ? 0.6 : 0.1;
    }
}
