using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Looper.Core.Personalization;

internal sealed class EffectReportMapping : IEntityTypeConfiguration<EffectReport>
{
    public const int MaxVerdict = 2_000;

    public void Configure(EntityTypeBuilder<EffectReport> builder)
    {
        builder.ToTable("effect_reports");
        builder.HasIndex(r => new { r.ExperimentId, r.ComputedAt });
        builder.Property(r => r.RequestedBy).HasMaxLength(200);
        builder.Property(r => r.Metric).HasMaxLength(200);
        builder.Property(r => r.Verdict).HasMaxLength(MaxVerdict);
    }
}
