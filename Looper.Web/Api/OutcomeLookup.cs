using System.Data.Common;
using Looper.Core.Persistence;
using Looper.Web.Hosting;
using Microsoft.EntityFrameworkCore;

namespace Looper.Web.Api;

/// <summary>Looks for outcomes that are not known here: what another node published a moment ago serves here seconds later, and an observation that is refused is not sent again.</summary>
/// <remarks>A name that was not found is not looked for again within a second, and no more than ten are: an app that sends wrong names keeps no database busy.</remarks>
internal sealed class OutcomeLookup(SnapshotRefresher refresher, DatabaseAvailability database, TimeProvider clock)
{
    private const int Most = 10;
    private static readonly TimeSpan s_longest = TimeSpan.FromSeconds(5), s_kept = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly HashSet<string> _missing = new(StringComparer.Ordinal);
    private DateTimeOffset _since;

    /// <summary>Whether a call is refused for a name that nobody knows here.</summary>
    public static bool IsUnknown(DataFault? fault) => fault is { Code: "outcome.unknown" };

    /// <param name="fields">Where the names stand, as the faults say.</param>
    /// <returns>True once what the database has serves; false where it does not answer, so that they may be there.</returns>
    public async Task<bool> LookAsync(IReadOnlyCollection<string> fields, CancellationToken cancel)
    {
        if (database.IsAway) return false;
        if (AreMissing(fields)) return true;
        try
        {
            if (!await refresher.LookAsync().WaitAsync(s_longest, cancel)) return false;
        }
        catch (Exception fault) when (fault is DbException or DbUpdateException or InvalidOperationException or TimeoutException)
        {
            return false;
        }
        lock (_gate) _missing.UnionWith(fields); // those that are known by now are not asked for again
        return true;
    }

    private bool AreMissing(IReadOnlyCollection<string> fields)
    {
        lock (_gate)
        {
            var now = clock.GetUtcNow();
            if ((now - _since).Duration() >= s_kept)
            {
                _missing.Clear();
                _since = now;
            }
            return _missing.Count >= Most || fields.All(_missing.Contains);
        }
    }
}
