using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Looper.Core.Bandits;

/// <summary>What a bandit has learned: one row, written over every time. All of it can be worked out again from the journal.</summary>
public sealed class LearnedBandit
{
    public Guid Id { get; init; }

    public Guid DecisionPointId { get; init; }

    /// <summary>The arm that it decides for, as <see cref="BanditArm.Name"/> writes it; empty for the decision point's current version.</summary>
    public string Arm { get; init; } = "";

    /// <summary>The blueprint version that it was learned for.</summary>
    public int Version { get; set; }

    /// <summary>Rises with every learning: what tells a server that there is something newer.</summary>
    public int Number { get; set; }

    /// <summary>Rewarded decisions that it rests on.</summary>
    public long Rows { get; set; }

    /// <summary>Decisions before this moment are in it.</summary>
    public DateTimeOffset LearnedUntil { get; set; }

    public DateTimeOffset LearnedAt { get; set; }

    /// <summary>When it was last learned from the beginning, and on how many decisions.</summary>
    public DateTimeOffset WholeAt { get; set; }

    public long WholeRows { get; set; }

    /// <summary>Bytes of a <c>BanditFile</c>.</summary>
    public byte[] State { get; set; } = [];

    /// <summary>JSON of the <see cref="BanditStep"/>s, oldest first.</summary>
    public string Steps { get; set; } = "[]";

    public long Revision { get; set; }
}

internal sealed class LearnedBanditMapping : IEntityTypeConfiguration<LearnedBandit>
{
    public void Configure(EntityTypeBuilder<LearnedBandit> builder)
    {
        builder.ToTable("learned_bandits");
        builder.Property(b => b.Arm).HasMaxLength(BanditArm.MostCharacters);
        builder.HasIndex(b => new { b.DecisionPointId, b.Arm }).IsUnique();
    }
}
