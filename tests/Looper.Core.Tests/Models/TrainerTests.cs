using System.Text;
using Looper.Core.Blueprints;
using Looper.Core.Events;
using Looper.Core.Learning;
using Looper.Core.Models;
using Looper.Core.Numerics;
using ServedRow = Looper.Core.Serving.ServedRow;

namespace Looper.Core.Tests.Models;

public sealed class TrainerTests
{
    [Fact] // truth: a banner sells with 0.45 + up to 0.1 in its own country, elsewhere with 0.1 + up to 0.1
    public void Learns_which_option_works_for_whom_and_passes_the_gate()
    {
        var trained = Fit(Simulated.Examples(6_000, seed: 1)).Value!;
        Assert.True(trained.Evidence.Holds, trained.Evidence.Verdict);
        Assert.True(trained.Quality.Of(QualityMetric.LogLoss)!.Value < trained.Quality.Of(QualityMetric.LogLoss)!.Average);
        Assert.True(trained.Quality.Of(QualityMetric.Auc)!.Low > 0.6);
        for (var country = 0; country < 3; country++) Assert.Equal(country, Enumerable.Range(0, 3).MaxBy(option => Predict(trained, country, 50, option)));
    }

    [Fact]
    public void What_matters_is_important_and_noise_is_not()
    {
        var importance = Fit(Simulated.Examples(6_000, seed: 2)).Value!.Importance.ToDictionary(i => i.Feature);
        Assert.True(importance["country"].Low > 0);
        Assert.True(importance["@option"].Low > 0);
        Assert.True(importance["noise"].LossAdded < importance["country"].LossAdded / 10);
        Assert.Equal(1, importance.Values.Sum(i => i.Gain), tolerance: 1e-9);
    }

    [Theory, InlineData(false, "column.identifier"), InlineData(true, "column.missing")] // a model's column knows the hundred commonest
    public void A_category_is_judged_by_what_came_and_not_by_what_a_column_knows_of_it(bool isGone, string code)
    {
        var content = Simulated.Blueprint with { Features = [new("id", FeatureKind.Category), .. Simulated.Blueprint.Features] };
        var random = new Philox(8, "ids");
        var trained = Simulated.Trainer(Simulated.Examples(1_000, seed: 8).Select((e, i) => e with { Decision = e.Decision with { Served = Named(e.Decision.Served.Span, isGone && i > 5 ? null : $"user-{random.Below(5_000)}") } }), out var reading, blueprint: content)
            .Fit(reading.RowsOf(0), null, "by hand", 5, (_, _) => { }, default).Value!;
        Assert.Equal(code, Assert.Single(trained.Preparation.Findings, f => f.Column == "id").Code);

        static byte[] Named(ReadOnlySpan<byte> rest, string? id)
        {
            var bytes = new byte[64];
            var length = id is null ? ServedRow.WriteMissing(bytes) : ServedRow.WriteText(bytes, Encoding.UTF8.GetBytes(id));
            return [.. bytes[..length], .. rest];
        }
    }

    [Fact] // whose outcome is not known is served all the same: a shadow and a drift are counted over every decision
    public void How_features_were_spread_is_told_of_every_decision_of_the_time()
    {
        var random = new Philox(9, "silent");
        var trained = Fit(Simulated.Examples(3_000, seed: 9).Select(e => random.Uniform() < 0.5 ? e with
        {
            Decision = e.Decision with { Served = ServedWithoutAge(e.Decision.Served.Span) }, Values = [double.NaN, double.NaN], SoFar = [double.NaN, double.NaN],
        } : e)).Value!;
        Assert.InRange(trained.Profile.Features.Single(f => f.Name == "age").MissingShare, 0.45, 0.55);
        Assert.Equal(0, trained.Profile.Outcome!.MissingShare);

        static byte[] ServedWithoutAge(ReadOnlySpan<byte> served)
        {
            var reader = new Looper.Core.Serving.ServedRowReader(served);
            var (bytes, length) = (new byte[64], 0);
            for (var feature = 0; reader.Read(); feature++) length += feature == 1 ? ServedRow.WriteMissing(bytes.AsSpan(length)) : ServedRow.Copy(reader, bytes.AsSpan(length));
            return bytes[..length];
        }
    }

    [Fact] // nobody bought until lately: there are enough of both answers, but not among those that are learned from
    public void Where_the_oldest_examples_have_one_answer_it_says_since_when_there_is_another()
    {
        var refusal = Fit(Simulated.Examples(2_000, seed: 5).Select((e, i) => i < 1_500 ? e with { Values = [0, 0], SoFar = [0, 0] } : e)).Refusal!;
        Assert.Contains("oldest examples, which a model learns from, all have the same `bought`; another first came of a decision of 2 Nov 2026", refusal.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_candidate_from_a_world_where_nothing_matters_is_not_promoted() => Assert.False(Fit(Simulated.Examples(3_000, seed: 3, signal: 0)).Value!.Evidence.Holds);

    [Fact]
    public void The_same_run_gives_the_same_model_and_the_same_evidence()
    {
        var (once, again) = (Fit(Simulated.Examples(1_500, seed: 4)).Value!, Fit(Simulated.Examples(1_500, seed: 4)).Value!);
        Assert.Equal(once.Quality.Metrics, again.Quality.Metrics);
        Assert.Equal(once.Importance, again.Importance);
        Assert.Equal(once.Data.Hash, again.Data.Hash);
        Assert.Equal(Artefact.Write(once.Predictor), Artefact.Write(again.Predictor));
    }

    [Fact]
    public void A_search_that_the_clock_ended_is_made_again_from_its_lineage()
    {
        var plan = Simulated.Blueprint with { Training = new() { SearchSeconds = 20 } };
        Trained Made(TimeProvider? clock, SearchLength? length)
        {
            var trainer = Simulated.Trainer(Simulated.Examples(1_500, seed: 11), out var reading, blueprint: plan, clock: clock, again: length);
            return trainer.Fit(reading.RowsOf(0), null, "by hand", 5, (_, _) => { }, default).Value!;
        }
        var first = Made(new HastyClock(), null);
        var again = Made(null, first.Lineage.Search);
        Assert.InRange(first.Lineage.Search!.Explored, 4, 60);
        Assert.Equal(first.Preparation.Trials, again.Preparation.Trials);
        Assert.Equal(Artefact.Write(first.Predictor), Artefact.Write(again.Predictor));
    }

    /// <summary>Every look at it costs ten milliseconds: a search of 20 seconds ends after some two thousand rounds, wherever that is.</summary>
    private sealed class HastyClock : TimeProvider
    {
        private long _looks;

        public override long TimestampFrequency => 100;

        public override long GetTimestamp() => ++_looks;
    }

    [Fact]
    public void Below_two_hundred_examples_it_says_how_many_there_are() =>
        Assert.Contains("199 of 200", Fit(Simulated.Examples(199, seed: 5)).Refusal!.Reason, StringComparison.Ordinal);

    [Fact]
    public void Below_twenty_of_the_rarer_answer_it_says_so()
    {
        var never = Simulated.Examples(500, seed: 6).Select(e => e with { Values = [0, 0] });
        Assert.Contains("0 of 20 examples where `bought` is yes", Fit(never).Refusal!.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_hundred_and_fifty_examples_make_a_model_that_waits_for_more()
    {
        var trained = Fit(Simulated.Examples(250, seed: 7)).Value!;
        Assert.False(trained.Evidence.Holds);
        Assert.Contains("Enough newest examples", trained.Evidence.Verdict, StringComparison.Ordinal);
    }

    [Fact]
    public void A_number_is_learned_by_squared_error()
    {
        var trained = Fit(Simulated.Examples(6_000, seed: 8), outcome: 1).Value!;
        Assert.Equal(PredictionTask.Number, trained.Quality.Task);
        Assert.True(trained.Quality.Of(QualityMetric.Rmse)!.Value < trained.Quality.Of(QualityMetric.Rmse)!.Average);
        Assert.Equal(1, Enumerable.Range(0, 3).MaxBy(option => Predict(trained, 1, 50, option)));
    }

    [Fact]
    public void A_live_model_that_saw_the_judging_rows_is_compared_on_later_ones_only()
    {
        var live = Fit(Simulated.Examples(6_000, seed: 9)).Value!;
        var seen = new LiveModel(7, live.Predictor, Simulated.Start, FittedUntil: Simulated.Start.AddMinutes(5_950));
        var judged = Fit(Simulated.Examples(6_000, seed: 9), live: seen).Value!.Evidence;
        Assert.False(judged.Holds);
        Assert.Contains(judged.Lines, l => l.Rule.Contains("live model 7", StringComparison.Ordinal) && l.Candidate == "49");
    }

    [Fact]
    public void Cancelling_stops_the_fit()
    {
        using var cancel = new CancellationTokenSource();
        var trainer = Simulated.Trainer(Simulated.Examples(6_000, seed: 10), out var reading);
        Assert.Throws<OperationCanceledException>(() => trainer.Fit(reading.RowsOf(0), null, "by hand", 1, (phase, _) =>
        {
            if (phase == "Fit") cancel.Cancel();
        }, cancel.Token));
    }

    private static Answered<Trained> Fit(IEnumerable<Example> examples, int outcome = 0, LiveModel? live = null)
    {
        var trainer = Simulated.Trainer(examples, out var reading);
        return trainer.Fit(reading.RowsOf(outcome), live, "by hand", 1, (_, _) => { }, default);
    }

    private static double Predict(Trained trained, int country, double age, int option)
    {
        var columns = trained.Predictor.Columns;
        var row = new double[columns.Length];
        for (var c = 0; c < row.Length; c++)
        {
            row[c] = columns[c].Name switch
            {
                "@option" => option,
                "country" => columns[c].Categories.IndexOf(new[] { "NL", "DE", "FR" }[country]),
                "age" => age,
                _ => 0,
            };
        }
        return trained.Predictor.Predict(row);
    }
}
