using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Looper.Core.Models;

internal sealed class ModelMapping : IEntityTypeConfiguration<Model>
{
    public void Configure(EntityTypeBuilder<Model> builder)
    {
        builder.ToTable("models");
        builder.HasIndex(m => new { m.DecisionPointId, m.Number }).IsUnique();
        builder.HasIndex(m => new { m.DecisionPointId, m.Outcome, m.State });
        builder.Property(e => e.Outcome).HasMaxLength(200);
        builder.Property(e => e.Family).HasMaxLength(100);
    }
}
