using Looper.Core.Metering;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Looper.Core.Costs;

/// <summary>What one kind of work for one decision point took on one day (UTC), on all nodes together.</summary>
public sealed class WorkDay
{
    public Guid Id { get; init; }
    public DateOnly Day { get; init; }

    /// <summary><see cref="WorkMeter.Shared"/> for what was for none or for all. Outlasts the decision point: what it took was taken.</summary>
    public Guid DecisionPointId { get; init; }

    public WorkKind Kind { get; init; }

    /// <summary>Of processor time.</summary>
    public long Nanoseconds { get; init; }

    public long Decisions { get; init; }
    public long Outcomes { get; init; }

    /// <summary>Of decisions as they were written, without indexes.</summary>
    public long Bytes { get; init; }
}

internal sealed class WorkDayMapping : IEntityTypeConfiguration<WorkDay>
{
    public void Configure(EntityTypeBuilder<WorkDay> builder)
    {
        builder.ToTable("work_days");
        builder.HasIndex(w => new { w.Day, w.DecisionPointId, w.Kind }).IsUnique();
    }
}
