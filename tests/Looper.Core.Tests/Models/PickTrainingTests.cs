using System.Text;
using Looper.Core.Blueprints;
using Looper.Core.Events;
using Looper.Core.Learning;
using Looper.Core.Models;
using Looper.Core.Numerics;
using Looper.Core.Serving;
using Looper.Core.Serving.Candidates;

namespace Looper.Core.Tests.Models;

/// <summary>Truth: an offer sells with 0.4 where its brand is the shopper's, else 0.1, less 0.02 for each unit of price.</summary>
public sealed class PickTrainingTests
{
    private static readonly string[] Brands = ["acme", "bolt", "core"];

    private static readonly BlueprintContent Blueprint = new()
    {
        Shape = DecisionShape.Pick,
        Default = DecisionShapes.AsSent,
        Features = [new("likes", FeatureKind.Category)],
        CandidateFeatures = [new("brand", FeatureKind.Category), new("price", FeatureKind.Number)],
        Outcomes = [new("bought", OutcomeKind.Boolean) { Window = TimeSpan.FromHours(1) }],
        Goal = new() { Terms = [new("bought")] },
        Training = new() { SearchSeconds = 0 },
    };

    private static double Chance(string likes, string brand, double price) => (likes == brand ? 0.4 : 0.1) - 0.02 * price;

    [Fact]
    public void Learns_from_the_picked_candidates_and_then_picks_better()
    {
        var trained = Fit(6_000, seed: 1).Value!;
        Assert.True(trained.Evidence.Holds, trained.Evidence.Verdict);
        Assert.Equal(["likes", "brand", "price"], trained.Predictor.Columns.Select(c => c.Name));
        Assert.Equal([("likes", 0), ("brand", 0), ("price", 0)], trained.Profile.Features.Select(f => (f.Name, f.MissingShare))); // what drift is held against
        var (learned, sent) = (ExpectedRate(new BestPolicy(), trained.Predictor), ExpectedRate(new AsSentPolicy(), trained.Predictor));
        var best = ExpectedRate(null, trained.Predictor);
        Assert.True(learned > sent + 0.8 * (best - sent), $"as sent {sent:0.000}, learned {learned:0.000}, best possible {best:0.000}");
    }

    [Fact]
    public void A_decision_whose_candidates_were_not_kept_is_left_out()
    {
        var reading = new ExampleReading(Blueprint.Outcomes, new VersionTable(Blueprint, [new(1, Blueprint)]), provisional: false);
        var example = Examples(1, 1).Single();
        reading.Add(example with { Decision = example.Decision with { Candidates = default } }, new double[1]);
        reading.Add(example with { Decision = example.Decision with { Served = default } }, new double[1]);
        Assert.Equal(0, reading.Examples.Rows);
        reading.Add(example, new double[1]);
        Assert.Equal(1, reading.Examples.Rows);
    }

    [Fact] // the row of training, byte for byte what the scorer encoded
    public void T33_training_sees_the_row_that_was_scored()
    {
        var reading = new ExampleReading(Blueprint.Outcomes, new VersionTable(Blueprint, [new(1, Blueprint)]), provisional: false);
        var example = Examples(1, 2).Single();
        reading.Add(example, new double[1]);
        var served = ServedCandidates.Read(example.Decision.Candidates)!;
        Assert.Equal([.. example.Decision.Served.Span, .. served.Row(example.Decision.Option)], reading.Examples.Served(0).ToArray());
    }

    private static double ExpectedRate(PolicySpec? policy, TrainedPredictor predictor)
    {
        var snapshot = Snapshot(policy ?? new AsSentPolicy(), [new(1, "bought", Artefact.Write(predictor))]);
        var (workspace, random) = (new DecisionWorkspace(), new Philox(99, "shoppers"));
        var sum = 0.0;
        for (var i = 0; i < 2_000; i++)
        {
            var call = new Call(random, i);
            var picked = call.Decide(snapshot, workspace).Answer.Option;
            sum += policy is null ? call.Chances.Max() : call.Chances[picked];
        }
        return sum / 2_000;
    }

    private static ServingSnapshot Snapshot(PolicySpec policy, params ModelSource[] models) => ServingSnapshot.Compile(new(DateTimeOffset.UnixEpoch,
        [new(Guid.Empty, "offers", 42, 1, false, false, false, [new(1, BlueprintJson.Write(Blueprint with { Policy = policy }))], [], [.. models], [])]));

    private static Answered<Trained> Fit(int rows, long seed)
    {
        var versions = new VersionTable(Blueprint, [new(1, Blueprint)]);
        var reading = new ExampleReading(Blueprint.Outcomes, versions, provisional: false);
        var labels = new double[1];
        foreach (var example in Examples(rows, seed)) reading.Add(example, labels);
        return new Trainer(Blueprint, versions, reading.Examples, TimeProvider.System)
            .Fit(reading.RowsOf(0), null, "by hand", 1, (_, _) => { }, default);
    }

    private static IEnumerable<Example> Examples(int rows, long seed)
    {
        var (snapshot, workspace, random) = (Snapshot(new RandomPolicy()), new DecisionWorkspace(), new Philox(seed, "offers"));
        for (var i = 0; i < rows; i++)
        {
            var call = new Call(random, i);
            var decision = call.Decide(snapshot, workspace);
            var bought = random.Uniform() < call.Chances[decision.Answer.Option] ? 1.0 : 0;
            var record = new DecisionRecord
            {
                Id = $"d-{i}", DecisionPointId = default, Unit = $"u-{i}", Time = Simulated.Start.AddMinutes(i), BlueprintVersion = 1, Option = decision.Answer.Option,
                Propensity = decision.Propensity, Reason = decision.Reason, Served = workspace.Served.ToArray(), Candidates = ServedCandidates.Write(workspace.Candidates),
            };
            yield return new(record, [bought], [bought], [true], 0);
        }
    }

    /// <summary>Eight offers for one shopper.</summary>
    private sealed class Call
    {
        private readonly byte[] _id, _context, _candidates;

        public Call(Philox random, int number)
        {
            var likes = Brands[random.Below(3)];
            var json = new StringBuilder("[");
            for (var c = 0; c < 8; c++)
            {
                var (brand, price) = (Brands[random.Below(3)], Math.Round(4 * random.Uniform(), 2));
                Chances[c] = Chance(likes, brand, price);
                json.Append(FormattableString.Invariant($$$"""{{{(c > 0 ? "," : "")}}}{"id":"o{{{c}}}","features":{"brand":"{{{brand}}}","price":{{{price}}}}}"""));
            }
            (_id, _context, _candidates) = (Encoding.UTF8.GetBytes($"d-{number}"), Encoding.UTF8.GetBytes($$"""{"likes":"{{likes}}"}"""), Encoding.UTF8.GetBytes(json.Append(']').ToString()));
        }

        public double[] Chances { get; } = new double[8];

        public Decision Decide(ServingSnapshot snapshot, DecisionWorkspace workspace) => DecisionEngine.Decide(snapshot, snapshot.Points[0], new(_id, _id, _context, _candidates), workspace);
    }
}
