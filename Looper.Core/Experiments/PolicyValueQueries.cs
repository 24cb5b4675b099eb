using System.Collections.Immutable;
using Looper.Core.Access;
using Looper.Core.Blueprints;
using Looper.Core.Decisions;
using Looper.Core.Events;
using Looper.Core.Models;
using Looper.Core.Persistence;
using Looper.Core.Serving;
using Looper.Core.Serving.Candidates;
using Microsoft.EntityFrameworkCore;

namespace Looper.Core.Experiments;

/// <summary>What policies would have earned, read from logged decisions by inverse propensity: before anyone meets them, or in
/// hindsight beside what was served.</summary>
public sealed class PolicyValueQueries(IDbContextFactory<LooperDb> databases, ExampleReader examples, TimeProvider clock)
{
    /// <summary>Decisions read at most, the newest whose outcome is certain, so that a look takes seconds however long a point has decided.</summary>
    public const int MostDecisions = 1_000_000;

    private const double Level = 0.95;

    /// <summary>See <see cref="MostDecisions"/>.</summary>
    internal int Most { get; init; } = MostDecisions;

    public async Task<Answered<PolicyReport>> EvaluateAsync(Caller caller, string decisionPoint, PolicyQuestion question, CancellationToken cancel)
    {
        if (caller.Lacks(Right.Read) is { } denied) return denied;
        if (question is { From: { } from, Until: { } until } && from >= until)
            return new Refusal("policy-question.invalid", "From: the start must be before the end. Swap them.", "from");
        await using var db = await databases.CreateDbContextAsync(cancel);
        var point = await db.Set<DecisionPoint>().AsNoTracking().SingleOrDefaultAsync(p => p.Key == decisionPoint, cancel);
        if (point is null) return new Refusal("decision-point.unknown", $"There is no decision point '{decisionPoint}'.");
        if (point.CurrentVersion == 0) return new Refusal("decision-point.not-published", $"'{point.Key}' has not been published, so nothing has been decided.");
        var stored = await StoredVersions.ReadAsync(db, point.Id, cancel);
        var versions = stored.Contents;
        if (question.BlueprintVersion is { } named && stored.CanRead(named) && !versions.ContainsKey(named))
            return new Refusal("policy-question.invalid", $"Version: {named} has not been published. Choose one of {string.Join(", ", versions.Keys.Order())}.", "version");
        var content = stored.Of(question.BlueprintVersion ?? point.CurrentVersion);
        if (content.Shape == DecisionShape.Ranking)
            return new Refusal("policy-question.no-options", $"'{point.Key}' answers orders of candidates, whose outcome depends on every place at once; policies are compared here where one answer is drawn.");
        if (content.Shape is DecisionShape.Value or DecisionShape.Configuration)
            return new Refusal("policy-question.no-options", $"'{point.Key}' answers {(content.Shape == DecisionShape.Value ? "numbers" : "configurations")}; policies are compared where there are options to choose from.");
        var name = question.Outcome ?? content.Goal.Terms.FirstOrDefault()?.Outcome ?? content.Outcomes.FirstOrDefault()?.Name;
        if (content.Outcomes.FirstOrDefault(o => o.Name == name) is not { } outcome)
            return new Refusal("policy-question.invalid", $"Outcome: '{name}' is not in this blueprint. Choose one of {string.Join(", ", content.Outcomes.Select(o => o.Name))}.", "outcome");
        var maps = versions.ToDictionary(v => v.Key, v => Map(v.Value, content));
        var defined = versions.Where(v => VersionTable.Shares(v.Value, outcome)).Select(v => v.Key).ToHashSet();
        var grouped = await GroupLots.ReadAsync(db, point.Id, cancel);
        return await ReadAsync(point, question, content, outcome, maps, defined, grouped, cancel);
    }

    private async Task<PolicyReport> ReadAsync(DecisionPoint point, PolicyQuestion question, BlueprintContent content, Outcome outcome, Dictionary<int, int[]> maps, HashSet<int> defined, IReadOnlySet<Guid> grouped, CancellationToken cancel)
    {
        var now = clock.GetUtcNow();
        var takesCandidates = content.Shape.TakesCandidates();
        var rows = takesCandidates ? new PolicyRows([DecisionShapes.AsSent], Level) : new PolicyRows([.. content.Options.Select(o => o.Key)], Level);
        long leftOut = 0, inGroups = 0, withoutPropensity = 0, withoutOutcome = 0;
        DateTimeOffset? first = null, last = null;
        var query = new ExampleQuery(point.Id, [outcome]) { From = question.From, Until = question.Until, AsOf = now };
        var isNewest = await examples.CountClosedAsync(query, cancel) > Most;
        query = query with { Newest = await examples.NewestOfAsync(query, Most, cancel) };
        await foreach (var example in examples.ReadAsync(query, cancel))
        {
            var decision = example.Decision;
            if (question.BlueprintVersion is { } only && decision.BlueprintVersion != only) continue;
            var sent = takesCandidates ? ServedCandidates.Read(decision.Candidates)?.Count ?? 0 : 0;
            var map = maps.GetValueOrDefault(decision.BlueprintVersion);
            if (decision.Option < 0 || decision.Option >= (takesCandidates ? sent : map?.Length ?? 0) || !decision.IsDrawn()) leftOut++;
            else if (decision.ExperimentId is { } experiment && grouped.Contains(experiment)) inGroups++;
            else if (!(decision.Propensity > 0 && decision.Propensity <= 1)) withoutPropensity++;
            else if (double.IsNaN(example.Values[0]) || !defined.Contains(decision.BlueprintVersion)) withoutOutcome++;
            else
            {
                var (option, best) = takesCandidates ? (decision.Option, Best(decision.Scores, sent, _ => true)) : (map![decision.Option], Best(decision.Scores, map));
                rows.Add(decision.Unit, option, best, decision.Propensity, example.Values[0], takesCandidates ? sent : content.Options.Length);
                (first, last) = (first ?? decision.Time, decision.Time);
            }
        }

        return new()
        {
            DecisionPoint = point.Key,
            Outcome = outcome.Name,
            Question = question,
            DataUntil = now,
            Level = Level,
            UnitOfMeasure = outcome.UnitOfMeasure,
            IsRate = outcome.Kind == OutcomeKind.Boolean,
            LowerIsBetter = outcome.Better == Direction.Lower,
            FirstAt = first,
            LastAt = last,
            Decisions = rows.Count,
            Units = rows.Units,
            IsNewest = isNewest,
            LeftOut = leftOut,
            WithoutPropensity = withoutPropensity,
            WithoutOutcome = withoutOutcome,
            DrawnInGroups = inGroups,
            Policies = rows.Policies(),
        };
    }

    /// <summary>Options of an older version by their place in the one compared; −1 for one that is gone.</summary>
    private static int[] Map(BlueprintContent version, BlueprintContent compared)
    {
        var keys = compared.Options.Select(o => o.Key).ToList();
        return [.. version.Options.Select(o => keys.IndexOf(o.Key))];
    }

    /// <summary>Of the options that are left the one with the best score.</summary>
    private static int Best(ImmutableArray<double> scores, int[] map) => Best(scores, map.Length, i => map[i] >= 0) is >= 0 and var best ? map[best] : -1;

    private static int Best(ImmutableArray<double> scores, int count, Func<int, bool> isLeft)
    {
        if (scores.IsDefaultOrEmpty || scores.Length != count) return -1;
        var best = -1;
        for (var i = 0; i < scores.Length; i++)
            if (isLeft(i) && (best < 0 || scores[i] > scores[best]))
                best = i;
        return best;
    }
}
