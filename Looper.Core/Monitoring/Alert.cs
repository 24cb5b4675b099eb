using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Looper.Core.Monitoring;

public enum AlertWeight
{
    /// <summary>Worth a look.</summary>
    Warn,

    /// <summary>Somebody, or the trigger that goes with it, must act.</summary>
    Urgent,
}

/// <summary>A condition on a decision point that has been crossed. Active until a later look finds it gone.</summary>
public sealed class Alert
{
    public Guid Id { get; init; }
    public Guid DecisionPointId { get; init; }

    /// <summary>Stable: <c>drift.feature</c>, <c>drift.missing</c>, <c>drift.outcome</c>, <c>model.calibration</c>,
    /// <c>model.worse-than-average</c>, <c>model.unreadable</c>, <c>model.stale</c>, <c>join.low</c>, <c>guardrail.harmed</c>, <c>version.unreadable</c>.</summary>
    public string Condition { get; init; } = "";

    /// <summary>What it is about: a feature, an outcome, a guardrail of an experiment, a version.</summary>
    public string Subject { get; init; } = "";

    public int? ModelNumber { get; set; }
    public AlertWeight Weight { get; set; }

    /// <summary>The figure that crossed its limit, as last seen.</summary>
    public double? Value { get; set; }

    public double? Limit { get; set; }

    /// <summary>Size, since when, and what to do, in one sentence.</summary>
    public string Sentence { get; set; } = "";

    public DateTimeOffset FiredAt { get; init; }
    public DateTimeOffset SeenAt { get; set; }

    /// <summary>When a look found it gone; null while it is active.</summary>
    public DateTimeOffset? ClearedAt { get; set; }

    public long Revision { get; set; }
}

internal sealed class AlertMapping : IEntityTypeConfiguration<Alert>
{
    public void Configure(EntityTypeBuilder<Alert> builder)
    {
        builder.ToTable("alerts");
        builder.HasIndex(a => new { a.DecisionPointId, a.ClearedAt });
        builder.HasIndex(a => a.FiredAt);
        builder.Property(a => a.Condition).HasMaxLength(100);
        builder.Property(a => a.Subject).HasMaxLength(200);
        builder.Property(a => a.Sentence).HasMaxLength(1000);
    }
}
