using Looper.Core.Access;
using Looper.Core.Events;
using Looper.Core.Persistence;
using Microsoft.EntityFrameworkCore;

namespace Looper.Core.Experiments;

/// <summary>Makes reports.</summary>
public sealed class ReportActions(IDbContextFactory<LooperDb> databases, ExposureReader exposures, TimeProvider clock, Ids ids, ChangeFeed changes)
{
    internal (IDbContextFactory<LooperDb>, ExposureReader, TimeProvider, Ids, ChangeFeed) Parts => (databases, exposures, clock, ids, changes);

    /// <summary>Analyses everything that has come in until now and stores the result.</summary>
    public Task<Answered<ReportView>> ComputeAsync(Caller caller, Guid experimentId, CancellationToken cancel) => throw new NotImplementedException();
}
