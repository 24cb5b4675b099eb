using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Looper.Core.Runs;

internal sealed class JobRunMapping : IEntityTypeConfiguration<JobRun>
{
    public void Configure(EntityTypeBuilder<JobRun> builder)
    {
        builder.ToTable("job_runs");
        builder.HasIndex(r => new { r.State, r.RequestedAt });
        builder.HasIndex(r => new { r.DecisionPointId, r.RequestedAt });
        builder.Property(r => r.Token).IsConcurrencyToken();
        builder.Property(r => r.State).IsConcurrencyToken();
        builder.Property(r => r.Subject).HasMaxLength(200);
        builder.Property(r => r.Kind).HasMaxLength(100);
        builder.Property(r => r.Phase).HasMaxLength(200);
        builder.Property(r => r.Detail).HasMaxLength(200);
        builder.Property(r => r.Result).HasMaxLength(JobRun.MostResult);
        builder.Property(r => r.RequestedBy).HasMaxLength(200);
    }
}

internal sealed class JobLogLineMapping : IEntityTypeConfiguration<JobLogLine>
{
    public void Configure(EntityTypeBuilder<JobLogLine> builder)
    {
        builder.ToTable("job_log_lines");
        builder.HasIndex(l => new { l.JobRunId, l.Id });
        builder.Property(l => l.Text).HasMaxLength(JobLogLine.MostText);
    }
}
