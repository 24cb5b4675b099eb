using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Looper.Core.Experiments;

internal sealed class ExperimentMapping : IEntityTypeConfiguration<Experiment>
{
    public void Configure(EntityTypeBuilder<Experiment> builder)
    {
        builder.ToTable("experiments");
        builder.HasIndex(e => e.Key).IsUnique();
        builder.HasIndex(e => e.DecisionPointId);
        builder.Property(e => e.Key).HasMaxLength(100);
        builder.Property(e => e.Name).HasMaxLength(200);
        builder.Property(e => e.Hypothesis).HasMaxLength(2000);
        builder.Property(e => e.Conclusion).HasMaxLength(2000);
        builder.Property(e => e.RampHeld).HasMaxLength(1000);
        builder.Property(e => e.AllocationHeld).HasMaxLength(1000);
        builder.Property(e => e.ShippedArm).HasMaxLength(100);
        builder.Property(e => e.CreatedBy).HasMaxLength(200);
    }
}
