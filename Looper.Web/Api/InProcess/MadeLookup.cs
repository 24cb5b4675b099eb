using System.Data.Common;
using Looper.Core.Decisions;
using Looper.Core.Persistence;
using Looper.Web.Hosting;
using Microsoft.EntityFrameworkCore;

namespace Looper.Web.Api.InProcess;

/// <summary>Looks up what decisions name and nobody knows here: what was published or started on another node, or a moment ago, and versions that serve no more.</summary>
internal sealed class MadeLookup(SnapshotRefresher refresher, MadeVersions versions, LateDecisions late, DatabaseAvailability database)
{
    private static readonly TimeSpan s_longest = TimeSpan.FromSeconds(5);

    public MadeVersions Versions => versions;
    public LateDecisions Late => late;

    /// <summary>Lets a batch be read again, with all that is there.</summary>
    public async Task AnswerAsync(MadeReading reading, CancellationToken cancel)
    {
        try
        {
            var isRead = !database.IsAway && await refresher.LookAsync().WaitAsync(s_longest, cancel);
            reading.Again(!isRead || reading.Wanted.Count == 0 ? [] : await versions.LoadAsync(reading.Wanted, cancel), isAway: !isRead);
        }
        catch (Exception fault) when (fault is DbException or DbUpdateException or InvalidOperationException or TimeoutException)
        {
            reading.Again([], isAway: true);
        }
    }
}
