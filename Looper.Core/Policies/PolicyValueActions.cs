using Looper.Core.Access;
using Looper.Core.Blueprints;
using Looper.Core.Decisions;
using Looper.Core.Persistence;
using Looper.Core.Runs;
using Microsoft.EntityFrameworkCore;

namespace Looper.Core.Policies;

/// <summary>Asks what a draft or a policy would have earned.</summary>
public sealed class PolicyValueActions(IDbContextFactory<LooperDb> databases, JobRequests requests)
{
    /// <summary>Queues a run; its id is that of the evaluation to come.</summary>
    public Task<Answered<Guid>> AskAsync(Caller caller, string key, ValueQuestion question, CancellationToken cancel) => AskAsync(caller, key, question, isWindow: false, cancel);

    /// <param name="isWindow">See <see cref="ValueInput.IsWindow"/>.</param>
    internal async Task<Answered<Guid>> AskAsync(Caller caller, string key, ValueQuestion question, bool isWindow, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(caller);
        ArgumentNullException.ThrowIfNull(question);
        if (caller.Lacks(Right.Analyse) is { } denied) return denied;
        await using var db = await databases.CreateDbContextAsync(cancel);
        if (await db.Set<DecisionPoint>().AsNoTracking().SingleOrDefaultAsync(p => p.Key == key, cancel) is not { } point)
            return new Refusal("decision-point.unknown", $"There is no decision point '{key}'.");
        if (point.CurrentVersion == 0) return new Refusal("decision-point.not-published", $"'{key}' has not been published, so nothing has been decided.");
        if (Fault(question) is { } fault) return fault;
        var judged = await ContentAsync(db, point, question, cancel);
        if (judged.Refusal is { } refusal) return refusal;
        if (question.LoggedBy is { } version && !await db.Set<Blueprint>().AnyAsync(b => b.DecisionPointId == point.Id && b.Version == version, cancel))
            return Bad("loggedBy", $"LoggedBy: version {version} has not been published. Name one that has, or leave it out.");
        var (title, content) = judged.Value;
        if (BlueprintRules.Check(content) is [{ } first, ..]) return new Refusal("policy-question.invalid", $"It cannot be judged while it has faults. The first: {first.Reason}", first.Field);
        if (ValuedShapes.WhyNot(content.Shape) is { } untold) return untold;
        var input = new ValueInput(title, BlueprintJson.Write(content), question.From, question.Until, question.LoggedBy) { IsWindow = isWindow };
        return await requests.EnqueueAsync(caller, JobKinds.ValuePolicy, point.Id, key, input.Write(), cancel);
    }

    /// <summary>Asks it of a draft by its own id.</summary>
    public async Task<Answered<Guid>> AskOfDraftAsync(Caller caller, Guid draft, ValueQuestion question, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(caller);
        ArgumentNullException.ThrowIfNull(question);
        if (caller.Lacks(Right.Analyse) is { } denied) return denied;
        await using var db = await databases.CreateDbContextAsync(cancel);
        if (await db.Set<Draft>().AsNoTracking().SingleOrDefaultAsync(d => d.Id == draft, cancel) is not { } found) return DraftActions.Unknown(draft);
        return found.DecisionPointId is null
            ? new Refusal("decision-point.not-published", "This draft makes a new decision point: nothing has been decided there yet, so nothing can be told from a log.")
            : await AskAsync(caller, found.Key, question with { Draft = draft }, cancel);
    }

    private static Refusal? Fault(ValueQuestion question)
    {
        if (new object?[] { question.Draft, question.Version, question.Policy }.Count(part => part is not null) > 1)
            return Bad("draft", "Draft, version, policy: name one of them, or none for what serves now.");
        return question is { From: { } from, Until: { } until } && from >= until ? Bad("from", "From: the start must be before the end. Swap them.") : null;
    }

    // as it is stored, and not as it is served: its hash tells whether a version is the one foretold
    private static async Task<Answered<(string Title, BlueprintContent Content)>> ContentAsync(LooperDb db, DecisionPoint point, ValueQuestion question, CancellationToken cancel)
    {
        if (question.Draft is { } id)
        {
            var draft = await db.Set<Draft>().AsNoTracking().SingleOrDefaultAsync(d => d.Id == id && d.DecisionPointId == point.Id, cancel);
            if (draft is null) return DraftActions.Unknown(id);
            return BlueprintJson.Readable(draft.Content) is { } begun ? ($"Draft of {draft.ChangedBy}, revision {draft.Revision}", begun) : DraftQueries.Unreadable(draft);
        }
        var version = question.Version ?? point.CurrentVersion;
        if (!await db.Set<Blueprint>().AnyAsync(b => b.DecisionPointId == point.Id && b.Version == version, cancel))
            return Bad("version", $"Version: {version} has not been published. Name one that has.");
        var content = await StoredVersions.StoredAsync(db, point.Id, version, cancel);
        return question.Policy is { } policy ? ($"Version {version} with {Words.Of(policy)}", content with { Policy = policy }) : ($"Version {version}", content);
    }

    private static Refusal Bad(string field, string why) => new("policy-question.invalid", why, field);
}
