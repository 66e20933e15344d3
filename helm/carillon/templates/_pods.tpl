{{/* Parts of pods. */}}
{{- define "carillon.podSettings" -}}
enableServiceLinks: false  # a Service named carillon would put CARILLON_… names into the environment, which refuse to start
automountServiceAccountToken: false
securityContext:
  runAsNonRoot: true
  runAsUser: {{ .Values.pods.userId | int64 }}
  runAsGroup: {{ .Values.pods.userId | int64 }}
  fsGroup: {{ .Values.pods.userId | int64 }}
  seccompProfile: {type: RuntimeDefault}
{{- with .Values.image.pullSecrets }}
imagePullSecrets:
{{- range . }}
  - name: {{ . }}
{{- end }}
{{- end }}
{{- with .Values.pods.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- with .Values.pods.nodeSelector }}
nodeSelector: {{ toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.pods.tolerations }}
tolerations: {{ toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.pods.affinity }}
affinity: {{ toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{- define "carillon.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: {drop: [ALL]}
{{- end }}

{{/* The bus, for services and the topics' job. */}}
{{- define "carillon.busSettings" -}}
CARILLON_BUS: {{ .Values.bus.engine }}
CARILLON_BUS_PARTITIONS: {{ .Values.bus.partitions | int64 | quote }}
{{- if eq .Values.bus.engine "kafka" }}
CARILLON_KAFKA_BROKERS: {{ required "bus.kafka.brokers is needed with bus.engine kafka" .Values.bus.kafka.brokers | quote }}
{{- with .Values.bus.kafka.topicPrefix }}
CARILLON_KAFKA_TOPIC_PREFIX: {{ . | quote }}
{{- end }}
{{- end }}
{{- end }}

{{/* Secret settings as files: (dict "secrets" (dict NAME (dict "secret" … "key" …))). */}}
{{- define "carillon.secretEnv" -}}
{{- range $name, $from := .secrets }}
- name: {{ $name }}_FILE
  value: /run/secrets/carillon/{{ $name }}
{{- end }}
{{- end }}

{{- define "carillon.secretVolume" -}}
- name: secrets
  projected:
    defaultMode: 0440
    sources:
    {{- range $name, $from := .secrets }}
      - secret:
          name: {{ $from.secret }}
          items: [{key: {{ $from.key | quote }}, path: {{ $name }}}]
    {{- end }}
{{- end }}

{{- define "carillon.secretMount" -}}
- {name: secrets, mountPath: /run/secrets/carillon, readOnly: true}
{{- end }}

{{/* A job's pod template: (dict "root" $ "name" … "command" (list …) "settings" (dict …) "secrets" (dict …)). */}}
{{- define "carillon.jobPod" -}}
metadata:
  labels:
    {{- include "carillon.labels" (dict "root" .root "service" .name) | nindent 4 }}
    {{- with .root.Values.pods.labels }}{{ toYaml . | nindent 4 }}{{ end }}
spec:
  {{- include "carillon.podSettings" .root | nindent 2 }}
  serviceAccountName: {{ include "carillon.name" .root }}-jobs
  restartPolicy: Never
  containers:
    - name: {{ .name }}
      image: {{ include "carillon.image" .root }}
      imagePullPolicy: {{ .root.Values.image.pullPolicy }}
      command: {{ toJson .command }}
      securityContext: {{- include "carillon.containerSecurity" .root | nindent 8 }}
      env:
      {{- range $name, $value := .settings }}
        - name: {{ $name }}
          value: {{ $value | quote }}
      {{- end }}
        {{- include "carillon.secretEnv" . | nindent 8 }}
      resources:
        requests: {cpu: 50m, memory: 64Mi}
        limits: {memory: 256Mi}
      {{- if .secrets }}
      volumeMounts:
        {{- include "carillon.secretMount" . | nindent 8 }}
      {{- end }}
  {{- if .secrets }}
  volumes:
    {{- include "carillon.secretVolume" . | nindent 4 }}
  {{- end }}
{{- end }}

{{/* Before install and upgrade. A job stays for a day, so that its log can be read; what it needs goes at once. */}}
{{- define "carillon.hook" -}}
helm.sh/hook: pre-install,pre-upgrade
helm.sh/hook-delete-policy: {{ . }}
{{- end }}

{{/* What every pod may reach inside: names, PostgreSQL, Kafka, and the collector of traces where there is one:
(dict "root" $ "collector" "http://…" or ""). */}}
{{- define "carillon.egressInside" -}}
{{- $policy := .root.Values.networkPolicy -}}
- ports: [{port: 53, protocol: UDP}, {port: 53, protocol: TCP}]
  {{- with $policy.dns }}
  to: {{- toYaml . | nindent 4 }}
  {{- end }}
- ports: [{port: {{ $policy.postgres.port }}, protocol: TCP}]
  {{- with $policy.postgres.peers }}
  to: {{- toYaml . | nindent 4 }}
  {{- end }}
{{- if .collector }}
- ports: [{port: {{ $policy.traces.port }}, protocol: TCP}]
  {{- with $policy.traces.peers }}
  to: {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end }}
{{- if eq .root.Values.bus.engine "kafka" }}
- ports: [{port: {{ $policy.kafka.port }}, protocol: TCP}]
  {{- with $policy.kafka.peers }}
  to: {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end }}
{{- end }}
