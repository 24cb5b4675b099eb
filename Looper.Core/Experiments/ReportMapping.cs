using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Looper.Core.Experiments;

internal sealed class ReportMapping : IEntityTypeConfiguration<Report>, IEntityTypeConfiguration<ReportMoments>, IEntityTypeConfiguration<ReportShare>
{
    public void Configure(EntityTypeBuilder<Report> builder)
    {
        builder.ToTable("reports");
        builder.HasIndex(r => new { r.ExperimentId, r.ComputedAt });
    }

    public void Configure(EntityTypeBuilder<ReportMoments> builder)
    {
        builder.ToTable("report_moments");
        builder.HasKey(m => m.ReportId);
        builder.Property(m => m.ReportId).ValueGeneratedNever();
        builder.HasOne<Report>().WithOne().HasForeignKey<ReportMoments>(m => m.ReportId).OnDelete(DeleteBehavior.Cascade);
    }

    public void Configure(EntityTypeBuilder<ReportShare> builder)
    {
        builder.ToTable("report_shares");
        builder.HasIndex(s => s.TokenHash).IsUnique();
        builder.Property(s => s.TokenHash).HasMaxLength(32);
        builder.Property(s => s.Recipient).HasMaxLength(ShareActions.MostRecipient);
        builder.Property(s => s.CreatedBy).HasMaxLength(320);
        builder.HasOne<Report>().WithMany().HasForeignKey(s => s.ReportId).OnDelete(DeleteBehavior.Cascade);
    }
}
