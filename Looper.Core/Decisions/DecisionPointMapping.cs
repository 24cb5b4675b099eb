using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Looper.Core.Decisions;

public sealed class DecisionPointMapping : IEntityTypeConfiguration<DecisionPoint>
{
    public void Configure(EntityTypeBuilder<DecisionPoint> builder)
    {
        builder.ToTable("decision_points").HasIndex(p => p.Key).IsUnique();
        builder.Property(p => p.Key).HasMaxLength(BlueprintRules.MaxKey);
        builder.Property(p => p.Name).HasMaxLength(BlueprintRules.MaxName);
        builder.Property(p => p.Description).HasMaxLength(BlueprintRules.MaxDescription);
        builder.Property(p => p.CreatedBy).HasMaxLength(200);
    }
}

public sealed class BlueprintMapping : IEntityTypeConfiguration<Blueprint>
{
    public void Configure(EntityTypeBuilder<Blueprint> builder)
    {
        builder.ToTable("blueprints").HasIndex(b => new { b.DecisionPointId, b.Version }).IsUnique();
        builder.HasOne<DecisionPoint>().WithMany().HasForeignKey(b => b.DecisionPointId).OnDelete(DeleteBehavior.Cascade);
        builder.Property(b => b.Hash).HasMaxLength(64);
        builder.Property(b => b.Note).HasMaxLength(BlueprintRules.MaxNote);
        builder.Property(b => b.PublishedBy).HasMaxLength(200);
    }
}

public sealed class DraftMapping : IEntityTypeConfiguration<Draft>
{
    public void Configure(EntityTypeBuilder<Draft> builder)
    {
        builder.ToTable("drafts").HasIndex(d => d.DecisionPointId).IsUnique();
        builder.HasOne<DecisionPoint>().WithMany().HasForeignKey(d => d.DecisionPointId).OnDelete(DeleteBehavior.Cascade);
        builder.Property(d => d.Key).HasMaxLength(200);
        builder.Property(d => d.Name).HasMaxLength(200);
        builder.Property(d => d.Description).HasMaxLength(2_000);
        builder.Property(d => d.Note).HasMaxLength(BlueprintRules.MaxNote);
        builder.Property(d => d.ChangedBy).HasMaxLength(200);
    }
}
