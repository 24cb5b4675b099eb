using System.Collections.Immutable;
using Looper.Core.Access;
using Looper.Core.Blueprints;
using Looper.Core.Events;
using Looper.Core.Experiments;
using Looper.Core.Models;
using Looper.Core.Persistence;
using Looper.Core.Serving.Candidates;
using Microsoft.EntityFrameworkCore;

namespace Looper.Core.Decisions;

/// <summary>Logged decisions, observations and examples of one decision point, in words; rows from analyst up.</summary>
public sealed class PointEventQueries(IDbContextFactory<LooperDb> databases, EventReader events, ExampleReader examples, TimeProvider clock)
{
    public const int MaxRows = 100;

    /// <summary>Pages of the installation's observations that one page of a decision point's is looked for in; each is up to 20,000 rows, or what its outcomes' names are
    /// shared with.</summary>
    private const int MostPages = 10;

    public async Task<Answered<RowPage<DecisionRow>>> DecisionsAsync(Caller caller, string key, DecisionRowFilter filter, string? after, int take, CancellationToken cancel)
    {
        if (caller.Lacks(Right.ReadRows) is { } denied) return denied;
        var known = await VocabularyAsync(key, cancel);
        if (known.Value is not { } words) return known.Refusal!;
        if (filter.Reason is not null && ServedWords.ReasonOf(filter.Reason) is null)
            return new Refusal("filter.invalid", $"Reason: `{BlueprintRules.Shown(filter.Reason)}` is not known. Use one such as `policy`, `explore` or `holdout`.", "reason");
        var options = filter.Option is { } name ? words.PlacesOf(name) : null;
        if (options is { Count: 0 }) return new Refusal("filter.invalid", $"Option: `{BlueprintRules.Shown(filter.Option!)}` is not an option of any version. Choose one of them.", "option");
        var page = await events.DecisionsAsync(new(words.Id)
        {
            Unit = filter.Unit,
            Options = options,
            Reason = ServedWords.ReasonOf(filter.Reason),
            BlueprintVersion = filter.Version,
            From = filter.From,
            Until = filter.Until,
        }, after, Math.Clamp(take, 1, MaxRows), cancel);
        return new RowPage<DecisionRow>([.. page.Items.Select(words.Row)], page.Next);
    }

    /// <summary>One decision as served, with what was observed for it.</summary>
    public async Task<Answered<DecisionDetail>> DecisionAsync(Caller caller, string id, CancellationToken cancel)
    {
        if (caller.Lacks(Right.ReadRows) is { } denied) return denied;
        if (await events.FindTrailAsync(id, cancel) is not { } trail) return UnknownDecision(id);
        await using var db = await databases.CreateDbContextAsync(cancel);
        var key = await db.Set<DecisionPoint>().Where(p => p.Id == trail.Decision.DecisionPointId).Select(p => p.Key).SingleOrDefaultAsync(cancel);
        if (key is null) return UnknownDecision(id);
        var known = await VocabularyAsync(key, cancel);
        if (known.Value is not { } words) return known.Refusal!;
        var content = words.Content(trail.Decision.BlueprintVersion);
        return new DecisionDetail(
            words.Row(trail.Decision), key, ServedWords.Features(trail.Decision.Served.Span, content.Features),
            content.Shape.TakesCandidates() ? [] : [.. trail.Decision.Scores.Select((score, i) => new OptionScore(content.Shape == DecisionShape.Value ? "value" : ServedWords.Option(i, content), score))],
            [.. trail.Observations.Where(o => content.Outcomes.Any(x => x.Name == o.Outcome)).Select(o => Row(o, Joined(o, trail.Decision, content)))],
            ServedWords.Candidates(trail.Decision, content)) { IsRanking = content.Shape == DecisionShape.Ranking };
    }

    /// <summary>The unit in clear, audited.</summary>
    public async Task<Answered<string>> RevealUnitAsync(Caller caller, string id, CancellationToken cancel)
    {
        if (caller.Lacks(Right.Reveal) is { } denied) return denied;
        if (await events.FindDecisionAsync(id, cancel) is not { } decision) return UnknownDecision(id);
        await using var db = await databases.CreateDbContextAsync(cancel);
        db.Add(AuditEntry.Of(caller, "unit.revealed", id, clock.GetUtcNow()));
        await db.SaveChangesAsync(cancel);
        return decision.Unit;
    }

    /// <summary>Observations of this decision point's outcomes as they came in, newest first. A page may hold fewer than asked for, even none, with more to come: they are
    /// kept for the installation as a whole, and looking stops somewhere.</summary>
    public async Task<Answered<RowPage<ObservationRow>>> ObservationsAsync(Caller caller, string key, string? outcome, string? after, int take, CancellationToken cancel)
    {
        if (caller.Lacks(Right.ReadRows) is { } denied) return denied;
        var known = await VocabularyAsync(key, cancel);
        if (known.Value is not { } words) return known.Refusal!;
        HashSet<string> own = [.. words.Current.Outcomes.Select(o => o.Name).Where(o => outcome is null || o == outcome)];
        if (own.Count == 0) return new RowPage<ObservationRow>([], null);
        take = Math.Clamp(take, 1, MaxRows);
        List<ObservationRow> rows = [];
        for (var looked = 1; ; looked++)
        {
            var page = await events.ObservationsAsync(new() { Outcomes = own }, after, take - rows.Count, cancel);
            foreach (var observation in page.Items) if (await RowAsync(observation, words, cancel) is { } row) rows.Add(row);
            if (page.Next is null || rows.Count >= take || looked == MostPages) return new RowPage<ObservationRow>(rows, page.Next);
            after = page.Next;
        }
    }

    /// <summary>Null where it names a decision of another decision point.</summary>
    private async Task<ObservationRow?> RowAsync(ObservationRecord observation, PointVocabulary words, CancellationToken cancel)
    {
        if (observation.DecisionId is not { } id) return Row(observation, "by unit");
        if (await events.FindDecisionAsync(id, cancel) is not { } decision) return Row(observation, "no such decision");
        return decision.DecisionPointId == words.Id ? Row(observation, Joined(observation, decision, words.Content(decision.BlueprintVersion))) : null;
    }

    /// <summary>The newest decisions joined with their outcomes, newest first.</summary>
    public async Task<Answered<IReadOnlyList<ExampleRow>>> ExamplesAsync(Caller caller, string key, int take, CancellationToken cancel)
    {
        if (caller.Lacks(Right.ReadRows) is { } denied) return denied;
        var known = await VocabularyAsync(key, cancel);
        if (known.Value is not { } words) return known.Refusal!;
        var outcomes = words.Current.Outcomes;
        List<ExampleRow> rows = [];
        await foreach (var example in examples.ReadAsync(new(words.Id, outcomes) { Newest = Math.Clamp(take, 1, MaxRows) }, cancel))
        {
            var content = words.Content(example.Decision.BlueprintVersion);
            rows.Add(new(example.Decision.Id, example.Decision.Time, ServedWords.Answer(example.Decision, content),
                ServedWords.Features(example.Decision.Served.Span, content.Features),
                [.. outcomes.Select((o, i) => OutcomeOf(example, i, o, content))],
                example.IsClosed, example.Late));
        }
        rows.Reverse();
        return rows;
    }

    private static ExampleOutcome OutcomeOf(Example example, int i, Outcome outcome, BlueprintContent then)
    {
        if (!double.IsNaN(example.SoFar[i])) return new(outcome.Name, example.SoFar[i], "joined");
        if (!VersionTable.Shares(then, outcome)) return new(outcome.Name, null, "not asked");
        return new(outcome.Name, Known(example.Values[i]), example.Closed[i] ? "absent" : "waiting");
    }

    private async Task<Answered<PointVocabulary>> VocabularyAsync(string key, CancellationToken cancel)
    {
        await using var db = await databases.CreateDbContextAsync(cancel);
        if (await db.Set<DecisionPoint>().AsNoTracking().SingleOrDefaultAsync(p => p.Key == key, cancel) is not { } point) return DecisionPointActions.Unknown(key);
        var stored = await db.Set<Blueprint>().AsNoTracking().Where(b => b.DecisionPointId == point.Id).Select(b => new { b.Version, b.Content }).ToListAsync(cancel);
        var versions = new Dictionary<int, BlueprintContent>();
        foreach (var one in stored) if (BlueprintJson.Readable(one.Content) is { } content) versions[one.Version] = content;
        if (!versions.ContainsKey(point.CurrentVersion)) return DecisionPointQueries.Unreadable(key, point.CurrentVersion);
        var experiments = await db.Set<Experiment>().AsNoTracking().Where(e => e.DecisionPointId == point.Id).ToListAsync(cancel);
        return new PointVocabulary(point, versions.ToImmutableDictionary(), [.. experiments]);
    }

    private static Refusal UnknownDecision(string id) =>
        new("decision.unknown", $"There is no decision `{BlueprintRules.Shown(id)}`. Check the id; imported and live decisions have different ones.");

    private static ObservationRow Row(ObservationRecord o, string joined) =>
        new(o.Id, o.Time, o.ReceivedAt, o.Outcome, o.Value, o.DecisionId, o.Unit is { } unit ? ServedWords.Mask(unit) : null, joined) { Candidate = o.Candidate };

    private static string Joined(ObservationRecord observation, DecisionRecord decision, BlueprintContent content)
    {
        if (content.Outcomes.FirstOrDefault(o => o.Name == observation.Outcome) is not { } outcome) return "not an outcome of its version";
        if (observation.Candidate is { } candidate && ServedCandidates.Read(decision.Candidates)?.Answered(candidate) is not true) return "for the decision; no such candidate"; // it came before its decision
        var late = observation.Time - (decision.Time + outcome.Window);
        return late > TimeSpan.Zero ? $"late by {Words.Of(TimeSpan.FromSeconds(Math.Ceiling(late.TotalSeconds)))}" : "joined";
    }

    private static double? Known(double value) => double.IsNaN(value) ? null : value;
}
