using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Looper.Core.Models;

public enum GateStage
{
    /// <summary>On the newest slice, when it was trained.</summary>
    Training,

    /// <summary>On live decisions, beside the live model.</summary>
    Shadow,

    /// <summary>A person decided.</summary>
    Person,
}

public enum GateVerdict
{
    /// <summary>It went live.</summary>
    Promoted,

    /// <summary>It scores live decisions beside the live model, and answers none.</summary>
    Shadowed,

    /// <summary>The rule holds; a person is to promote it.</summary>
    LeftToPerson,

    /// <summary>What was live stays.</summary>
    Kept,

    /// <summary>It was taken out of service.</summary>
    Retired,

    /// <summary>An earlier model is live again.</summary>
    RolledBack,
}

/// <summary>One decision about a model's place, with what it rested on. Written once, never changed.</summary>
public sealed class GateDecision
{
    internal const int MostReason = 500;

    public Guid Id { get; init; }
    public Guid DecisionPointId { get; init; }
    public string Outcome { get; init; } = "";

    /// <summary>The model it is about.</summary>
    public int ModelNumber { get; init; }

    /// <summary>What was live then; null when nothing was.</summary>
    public int? LiveNumber { get; init; }

    public DateTimeOffset At { get; init; }
    public GateStage Stage { get; init; }
    public GateVerdict Verdict { get; init; }

    /// <summary>Who decided: <c>rule</c>, or a person's name.</summary>
    public string DecidedBy { get; init; } = "";

    /// <summary>Why, as that person wrote it.</summary>
    public string? Reason { get; init; }

    /// <summary>JSON of an <see cref="Models.Evidence"/>.</summary>
    public string Evidence { get; init; } = "{}";
}

internal sealed class GateDecisionMapping : IEntityTypeConfiguration<GateDecision>
{
    public void Configure(EntityTypeBuilder<GateDecision> builder)
    {
        builder.ToTable("gate_decisions");
        builder.HasIndex(d => new { d.DecisionPointId, d.ModelNumber });
        builder.HasIndex(d => new { d.DecisionPointId, d.At });
        builder.Property(d => d.Outcome).HasMaxLength(200);
        builder.Property(d => d.DecidedBy).HasMaxLength(200);
        builder.Property(d => d.Reason).HasMaxLength(GateDecision.MostReason);
    }
}
