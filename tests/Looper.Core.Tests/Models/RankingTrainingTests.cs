using System.Text;
using Looper.Core.Blueprints;
using Looper.Core.Events;
using Looper.Core.Learning;
using Looper.Core.Models;
using Looper.Core.Numerics;
using Looper.Core.Serving;
using Looper.Core.Serving.Candidates;

namespace Looper.Core.Tests.Models;

/// <summary>Truth: an article is liked with a chance of its own, seen at place k with θ = 1, 0.55, 0.35, 0.2, and clicked if both. What served it put the
/// articles with the lowest chance on top, so that clicks by themselves say little of what is liked.</summary>
public sealed class RankingTrainingTests
{
    private const int Shown = 4, Sent = 8;
    private static readonly double[] s_seen = [1, 0.55, 0.35, 0.2];

    private static readonly BlueprintContent Blueprint = new()
    {
        Shape = DecisionShape.Ranking,
        Positions = Shown,
        Default = DecisionShapes.AsSent,
        Features = [new("likes", FeatureKind.Category)],
        CandidateFeatures = [new("topic", FeatureKind.Category), new("merit", FeatureKind.Number)],
        Outcomes = [new("clicked", OutcomeKind.Boolean) { Window = TimeSpan.FromHours(1) }],
        Goal = new() { Terms = [new("clicked")] },
        Training = new() { SearchSeconds = 0 },
    };

    private static readonly string[] s_topics = ["art", "bikes", "cars"];

    private static double Chance(string likes, string topic, double merit) => 0.1 + 0.5 * merit + (likes == topic ? 0.3 : 0);

    [Fact]
    public void Learns_from_every_place_that_was_shown_and_then_orders_by_what_is_liked()
    {
        var trained = Fit(4_000, seed: 1).Value!;
        Assert.True(trained.Evidence.Holds, trained.Evidence.Verdict);
        Assert.Equal(["likes", "topic", "merit", "@position"], trained.Predictor.Columns.Select(c => c.Name));
        var served = Enumerable.Range(0, 2_000).Select(i => new Call(new Philox(9, "reader", i), i)).ToList();
        double Gain(Func<Call, IReadOnlyList<int>> order) => served.Average(call => order(call).Take(Shown).Select((candidate, k) => call.Chances[candidate] * s_seen[k]).Sum());
        var snapshot = Snapshot(new BestPolicy(), [new(1, "clicked", Artefact.Write(trained.Predictor))]);
        var workspace = new DecisionWorkspace();
        var learned = Gain(call => call.Order(snapshot, workspace));
        var (sent, best) = (Gain(call => [.. Enumerable.Range(0, Sent)]), Gain(call => [.. Enumerable.Range(0, Sent).OrderByDescending(c => call.Chances[c])]));
        Assert.True(learned > sent + 0.9 * (best - sent), $"as sent {sent:0.000}, learned {learned:0.000}, best possible {best:0.000}");
    }

    [Fact]
    public void A_row_per_place_holds_the_context_the_candidate_and_the_place()
    {
        var reading = new ExampleReading(Blueprint.Outcomes, new VersionTable(Blueprint, [new(1, Blueprint)]), provisional: false);
        var example = Examples(1, 2).Single();
        reading.Add(example, new double[1]);
        Assert.Equal(Shown, reading.Examples.Rows);
        var served = ServedCandidates.Read(example.Decision.Candidates)!;
        for (var place = 0; place < Shown; place++)
        {
            var position = new byte[ServedRow.MaxNumberBytes];
            position = position[..ServedRow.WriteNumber(position, place + 1)];
            Assert.Equal([.. example.Decision.Served.Span, .. served.Row(served.At(place)), .. position], reading.Examples.Served(place).ToArray());
            Assert.Equal(example.Places[place].Values[0], reading.Examples.Label(0, place));
        }
    }

    [Fact]
    public void A_decision_whose_candidates_or_places_were_not_kept_is_left_out()
    {
        var reading = new ExampleReading(Blueprint.Outcomes, new VersionTable(Blueprint, [new(1, Blueprint)]), provisional: false);
        var example = Examples(1, 1).Single();
        reading.Add(example with { Decision = example.Decision with { Candidates = default } }, new double[1]);
        reading.Add(example with { Decision = example.Decision with { Served = default } }, new double[1]);
        reading.Add(example with { Places = [] }, new double[1]);
        Assert.Equal(0, reading.Examples.Rows);
    }

    [Fact] // a constant answer would come of scores that read the place a candidate happens to be sent at
    public void Scores_do_not_depend_on_the_order_the_candidates_are_sent_in()
    {
        var snapshot = Snapshot(new BestPolicy(), [new(1, "clicked", Artefact.Write(Fit(2_000, seed: 3).Value!.Predictor))]);
        var (workspace, call) = (new DecisionWorkspace(), new Call(new Philox(4, "reader"), 0));
        var forward = call.Order(snapshot, workspace).Select(c => call.Ids[c]).ToList();
        var scores = Enumerable.Range(0, Sent).ToDictionary(c => call.Ids[c], c => workspace.Candidates.Scores[c]);
        var reversed = call.Reversed();
        var backward = reversed.Order(snapshot, workspace).Select(c => reversed.Ids[c]).ToList();
        Assert.All(Enumerable.Range(0, Sent), c => Assert.Equal(scores[reversed.Ids[c]], workspace.Candidates.Scores[c]));
        Assert.Equal(forward.Select(id => scores[id]), backward.Select(id => scores[id]));
    }

    private static ServingSnapshot Snapshot(PolicySpec policy, params ModelSource[] models) => ServingSnapshot.Compile(new(DateTimeOffset.UnixEpoch,
        [new(Guid.Empty, "feed", 42, 1, false, false, false, [new(1, BlueprintJson.Write(Blueprint with { Policy = policy }))], [], [.. models], [])]));

    private static Answered<Trained> Fit(int decisions, long seed)
    {
        var versions = new VersionTable(Blueprint, [new(1, Blueprint)]);
        var reading = new ExampleReading(Blueprint.Outcomes, versions, provisional: false);
        foreach (var example in Examples(decisions, seed)) reading.Add(example, new double[1]);
        Assert.Equal(decisions * Shown, reading.Examples.Rows);
        return new Trainer(Blueprint, versions, reading.Examples, TimeProvider.System).Fit(reading.RowsOf(0), null, "by hand", 1, (_, _) => { }, default);
    }

    private static IEnumerable<Example> Examples(int decisions, long seed)
    {
        var (snapshot, workspace, random) = (Snapshot(new AsSentPolicy()), new DecisionWorkspace(), new Philox(seed, "articles"));
        for (var i = 0; i < decisions; i++)
        {
            var call = new Call(random, i);
            var order = call.Order(snapshot, workspace);
            var record = new DecisionRecord
            {
                Id = $"d-{i}", DecisionPointId = default, Unit = $"u-{i}", Time = Simulated.Start.AddMinutes(i), BlueprintVersion = 1, Option = order[0], Propensity = 1,
                Reason = Reason.Policy, Served = workspace.Served.ToArray(), Candidates = ServedCandidates.Write(workspace.Candidates),
            };
            double[] clicks = [.. Enumerable.Range(0, Shown).Select(k => random.Uniform() < s_seen[k] * call.Chances[order[k]] ? 1.0 : 0)];
            yield return new(record, [clicks.Max()], [clicks.Max()], [true], 0) { Places = [.. clicks.Select(c => new PlaceOutcomes([c], [c]))] };
        }
    }

    /// <summary>Eight articles for one reader, sent with the least merit first.</summary>
    private sealed class Call
    {
        private readonly byte[] _id, _context;
        private readonly string[] _articles;

        public Call(Philox random, int number)
        {
            var likes = s_topics[random.Below(3)];
            var articles = Enumerable.Range(0, Sent).Select(c => (Topic: s_topics[random.Below(3)], Merit: Math.Round(random.Uniform(), 2))).OrderBy(a => a.Merit + 0.2 * random.Uniform()).ToArray();
            Chances = [.. articles.Select(a => Chance(likes, a.Topic, a.Merit))];
            Ids = [.. Enumerable.Range(0, Sent).Select(c => $"a{c}")];
            _articles = [.. articles.Select((a, c) => FormattableString.Invariant($$$"""{"id":"a{{{c}}}","features":{"topic":"{{{a.Topic}}}","merit":{{{a.Merit}}}}}"""))];
            (_id, _context) = (Encoding.UTF8.GetBytes($"d-{number}"), Encoding.UTF8.GetBytes($$"""{"likes":"{{likes}}"}"""));
        }

        private Call(Call other) =>
            (_id, _context, _articles, Chances, Ids) = (other._id, other._context, [.. other._articles.Reverse()], [.. other.Chances.Reverse()], [.. other.Ids.Reverse()]);

        public double[] Chances { get; }
        public string[] Ids { get; }

        public Call Reversed() => new(this);

        public int[] Order(ServingSnapshot snapshot, DecisionWorkspace workspace)
        {
            DecisionEngine.Decide(snapshot, snapshot.Points[0], new(_id, _id, _context, Encoding.UTF8.GetBytes($"[{string.Join(',', _articles)}]")), workspace);
            return workspace.Candidates.Order.ToArray();
        }
    }
}
