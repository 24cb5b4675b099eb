using Looper.Core;
using Looper.Core.Metering;
using Looper.Core.Persistence;
using Looper.Core.Runs;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Looper.Jobs;

/// <summary>Starts runs: each start takes the next token, and only the newest token can change anything.</summary>
public sealed class JobRuns(
    IDbContextFactory<LooperDb> databases, WorkMeter work, ChangeFeed changes, TimeProvider clock, IOptions<JobsOptions> options, ILogger<JobRuns> log)
{
    /// <summary>Starts that may end without a word, as the process does that runs out of memory. One more start would end it again.</summary>
    private const int MostLost = 3;

    private const string TooOften = "Looper ended, or went silent, three times while it ran. Give it more memory or less data, then run it again.";

    // The log tells one kind from the other: a run that was handed back lost nothing.
    private const string Resumed = "Resumed: ", Lost = "Resumed after a start that ended without a word: ";

    private readonly DateTimeOffset _since = clock.GetUtcNow();

    internal IDbContextFactory<LooperDb> Databases => databases;
    internal WorkMeter Work => work;
    internal ChangeFeed Changes => changes;
    internal TimeProvider Clock => clock;
    internal JobsOptions Options => options.Value;
    internal ILogger Log => log;

    /// <summary>Takes the run over from the start that held <paramref name="seenToken"/>.</summary>
    /// <param name="seenToken">The token as the one who decided to start it saw it.</param>
    /// <param name="isRecovery">What held that token is taken for dead without waiting for its lease: so it must be of an earlier process.</param>
    /// <returns>Null when there is nothing to do: it ended, was cancelled, or somebody else started it.</returns>
    public async Task<RunningJob?> BeginAsync(Guid id, long seenToken, CancellationToken cancel, bool isRecovery = false)
    {
        await using var db = await databases.CreateDbContextAsync(cancel);
        var run = await db.Set<JobRun>().SingleOrDefaultAsync(r => r.Id == id, cancel);
        if (run is null || run.Token != seenToken || run.State is not (JobState.Queued or JobState.Running)) return null;
        if (isRecovery && run.HeartbeatAt >= _since) return null;
        var (resumed, lost) = (run.Token > 0, run.State == JobState.Running); // one that was handed back is queued
        var given = lost && await db.Set<JobLogLine>().CountAsync(l => l.JobRunId == id && EF.Functions.Like(l.Text, Lost + "%"), cancel) + 1 >= MostLost;
        if (given) run.End(JobState.Failed, TooOften, clock.GetUtcNow());
        else run.Start(clock.GetUtcNow());
        if (given) db.Add(new JobLogLine { JobRunId = id, At = clock.GetUtcNow(), Text = TooOften });
        else if (resumed) db.Add(new JobLogLine { JobRunId = id, At = clock.GetUtcNow(), Text = $"{(lost ? Lost : Resumed)}start {run.Token} takes over from start {seenToken}." });
        try
        {
            await db.SaveChangesAsync(cancel);
        }
        catch (DbUpdateConcurrencyException)
        {
            return null;
        }
        changes.Announce(ChangeKind.Job, id);
        if (given)
        {
            log.LogError(JobEvents.Failed, "job.failed {Kind} {Run} ended without a word {Times} times", run.Kind, id, MostLost);
            return null;
        }
        if (resumed) log.LogWarning(JobEvents.Resumed, "job.resumed {Kind} {Run} token {Token}", run.Kind, id, run.Token);
        else log.LogInformation(JobEvents.Started, "job.started {Kind} {Run} token {Token}", run.Kind, id, run.Token);
        return new RunningJob(this, run);
    }
}
