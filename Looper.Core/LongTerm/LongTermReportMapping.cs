using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Looper.Core.LongTerm;

internal sealed class LongTermReportMapping : IEntityTypeConfiguration<LongTermReport>
{
    public const int MaxVerdict = 2_000;

    public void Configure(EntityTypeBuilder<LongTermReport> builder)
    {
        builder.ToTable("long_term_reports");
        builder.HasIndex(r => new { r.ExperimentId, r.ComputedAt });
        builder.Property(r => r.RequestedBy).HasMaxLength(200);
        builder.Property(r => r.Metric).HasMaxLength(200);
        builder.Property(r => r.Verdict).HasMaxLength(MaxVerdict);
    }
}
